"""A session's executed cells as a submission."""

from __future__ import annotations

import pytest

from grader.errors import SubmissionError
from grader.notebook.history import read_history
from grader.submission.read import MAX_CODE
from grader.submission.slice import calls_of, cuts, slice_name


def sources(*cells: str) -> list[str]:
    read = read_history("session", list(enumerate(cells, 1)))
    return [statement.source for statement in read.statements]


def test_a_cell_has_the_number_of_its_execution() -> None:
    read = read_history("session", [(3, "a = 1"), (7, "\n"), (12, "b = a")])
    assert [(s.source, s.cell) for s in read.statements] == [("a = 1", 3), ("b = a", 12)]
    assert read.kind == "history"


@pytest.mark.parametrize(
    "cell",
    [
        "from grader import check",
        "from grader import check as c",
        "import grader",
        'import grader as g\ng.check("03")',
        'from grader import check\ncheck("03-cnn-structure")',
        'from grader import check\nresult = check(build_cnn, "03")',
        "from grader import check as c\nprint(c())",
        "from grader import check\n%time check()",
        'import grader\ngrader.check(model, "03", train=False)',
    ],
)
def test_what_calls_check_is_left_out(cell: str) -> None:
    assert sources("a = 1", cell, "b = 2") == ["a = 1", "b = 2"]


def test_another_check_is_the_students_own() -> None:
    kept = ["def check(model):\n    return model", "model = check(1)", "import grader_of_mine"]
    assert sources(*kept) == kept


def test_what_is_imported_beside_the_grader_stays() -> None:
    assert sources("import grader, keras") == ["import grader, keras"]


def test_magics_are_read_as_in_a_file() -> None:
    read = read_history("session", [(1, "!pip install x"), (2, "%%time\na = 1"), (3, "%%bash\nls")])
    assert [s.source for s in read.statements if s.source.strip() != "pass"] == ["a = 1"]


def test_what_python_cannot_read_costs_only_itself() -> None:
    read = read_history("session", [(1, "a = (\n"), (2, "a = 1")])
    assert [s.source for s in read.statements] == ["a = 1"]
    assert [b.cell for b in read.broken] == [1]


def test_a_cell_that_was_run_twice_is_there_twice() -> None:
    add = "model.add(Dense(1))"
    read = read_history("session", [(1, "model = Sequential()"), (2, add), (3, add)])
    assert [s.cell for s in slice_name(read, ["model"]).statements] == [1, 2, 3]


def test_only_the_last_definition_of_a_name_counts() -> None:
    cells = [(1, "model = 1"), (2, "model = 2"), (3, "model = 3")]
    assert len(cuts(read_history("session", cells), ["model"])) == 1


def test_a_call_of_an_earlier_definition_is_no_call_of_this_one() -> None:
    cells = [(1, "def f(x): return x"), (2, "a = f(1)"), (3, "def f(x): pass"), (4, "b = f(2)")]
    assert [cut.name for cut in calls_of(read_history("session", cells), "f")] == ["b"]


def test_of_a_very_long_session_the_last_run_of_each_cell_is_read() -> None:
    long = "x = 1\n" + "#" * (MAX_CODE // 3)
    cells = [(1, "import keras"), *((number, long) for number in range(2, 9))]
    read = read_history("session", cells)
    assert [s.cell for s in read.statements] == [1, 8]
    assert read.notes == (
        "This session is very long; of its cells the last 2 were read. Restart the kernel and run "
        "all cells, and all of it is read.",
    )


def test_of_a_session_longer_than_that_the_last_cells_are_read() -> None:
    cells = [(number, f"x = {number}\n" + "#" * (MAX_CODE // 3)) for number in range(1, 9)]
    assert [s.cell for s in read_history("session", cells).statements] == [7, 8]


def test_one_cell_that_is_too_long_cannot_be_read() -> None:
    with pytest.raises(SubmissionError):
        read_history("session", [(1, "#" * (MAX_CODE + 1))])


def test_half_a_character_does_no_harm() -> None:
    assert sources("a = '\ud800'") == ["a = '?'"]
