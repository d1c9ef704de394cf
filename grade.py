"""The front door: ``python grade.py student.ipynb``."""

from grader.cli import main

if __name__ == "__main__":
    main()
