"""What Keras says of a value that is not here: the stand-in shows in its complaint."""

from __future__ import annotations

from grader.sandbox.complaints.reading import Sentence, says

MISSING: tuple[tuple[str, Sentence], ...] = (
    (
        r"<(?P<path>[^<>]{1,80}), which is not here>",
        says(
            "The model needs the value of {path}, which is not here where notebooks are graded. "
            "Write the value, or the function, into the notebook."
        ),
    ),
)
