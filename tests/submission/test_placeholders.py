"""What a template leaves open: told as such where it still stands, and nothing else is."""

from __future__ import annotations

import time

import pytest

from grader.errors import SubmissionError
from grader.records import BrokenStatement, Problem, ProblemKind, Program, Statement
from grader.submission.placeholders import unfilled, unfilled_text
from grader.submission.slice import slice_name
from tests.submission.cells import submission

RAISED = Problem("raised", "TypeError: no")
UNSOLVED = "model is not filled in yet: {} still stands here. Fill it in and check again."
TASK = "the task without an answer"
NOTE = "a note of what to do"


def told(source: str, problem: Problem = RAISED) -> Problem | None:
    """What is said of a program of one statement, in cell 3 below two lines."""
    return unfilled(Program("model", (Statement(source, 3, 3),), 3, 3), problem)


OPEN: dict[str, tuple[str, int]] = {
    "model = Sequential([Conv2D(None, 3)])": ("None", 3),
    "model.add(None)": ("None", 3),
    "model = Sequential([\n    None,\n    Dense(10)])": ("None", 4),
    "parts = [None]": ("None", 3),
    "parts = [None, None]": ("None", 3),
    "model = None": ("None", 3),
    "a = b = None": ("None", 3),
    "def f():\n    x = None\n    return x": ("None", 4),
    "model = Sequential(...)": ("…", 3),
    "x = [1, ...]": ("…", 3),
    "def f():\n    ...": ("…", 4),
    "def f():\n    return ...": ("…", 4),
    "model = Sequential(layers=...)": ("…", 3),
    "model = Dense(____)": ("the blank ____", 3),
    "model = __": ("the blank __", 3),
    "model = Dense(___1___)": ("the blank ___1___", 3),
    "model = Dense('TODO')": (NOTE, 3),
    "def f():\n    '''TODO: write this'''\n    return 1": (NOTE, 4),
    "'''YOUR CODE HERE'''": (NOTE, 3),
    "x = Dense('여기에 코드 작성')": (NOTE, 3),
    "x = 'fill in the units'": (NOTE, 3),
    "def f():\n    x = 1\n    # TODO: add layers\n    return x": (TASK, 5),
    "def f():\n    pass\n    # YOUR CODE HERE": (TASK, 5),
    "def f():\n    if a:\n        x = 1\n        # your_code\n    return x": (TASK, 6),
    "def f():\n    # 코드를 작성하세요\n    return": (TASK, 4),
    "x = [\n    # TODO\n]": (TASK, 4),
    "def f():\n    # TODO: a\n    # of two lines\n\n    ...": ("…", 7),
}


@pytest.mark.parametrize("source", OPEN)
def test_a_placeholder_is_told_with_its_line(source: str) -> None:
    what, line = OPEN[source]
    shown = source.split("\n")[line - 3].strip()
    assert told(source) == Problem("unsolved", UNSOLVED.format(what), 3, line, shown)


FILLED = [
    "model = Sequential([Conv2D(8, 3)])",
    "shape = [None, 28, 28]",
    "shape = (None, 28, 28)",
    "x = Dense(10, activation=None)",
    "x = build(None)",
    "libc = CDLL(None)",
    "x = x[..., None]",
    "x = y[None, ...]",
    "if a:\n    model = None\nelse:\n    model = 3",
    "self.x = None",
    "x[0] = None",
    "x: int = None",
    "def f(a=None, *, b=...):\n    return a",
    "def f():\n    return None",
    "for _ in range(3):\n    pass",
    "x = _",
    "x = Dense(_a)",
    "x = __name__",
    "x = 'a note, nothing TODO'",
    "x = {'TODO': 1}",
    "def f():\n    # TODO: add layers\n    x = 1\n    return x",
    "def f():\n    x = 1  # TODO\n    return x",
    "def f():\n    # TODO is done, END of it\n    return 1",
    "def f():\n    # ENDS: YOUR CODE HERE\n    return 1",
    "def f():\n    # a remark\n    return 1",
    "if a:\n    # TODO\n    passed = 1",
]


@pytest.mark.parametrize("source", FILLED)
def test_what_has_its_uses_is_no_placeholder(source: str) -> None:
    assert told(source) is None


def test_the_first_of_several_statements_is_told() -> None:
    statements = (Statement("a = 1", 1, 1), Statement("b = [None]", 2, 5), Statement("...", 3, 1))
    problem = unfilled(Program("net", statements, 3, 1), RAISED)
    assert problem == Problem(
        "unsolved",
        "net is not filled in yet: None still stands here. Fill it in and check again.",
        2,
        5,
        "b = [None]",
    )


@pytest.mark.parametrize("kind", ["timeout", "memory", "forbidden"])
def test_a_task_left_in_a_comment_explains_only_what_it_can(kind: str) -> None:
    source = "def f():\n    x = 1\n    # TODO\n    return x"
    assert told(source, Problem(kind, "no")) is None  # type: ignore[arg-type]
    assert told(source, Problem("not_a_model", "no")) is not None


def broken(source: str, error_line: int = 3) -> BrokenStatement:
    return BrokenStatement(source, 3, 3, "invalid syntax", error_line, ("model",))


UNREADABLE = {
    "model = ": "a gap",
    "model =   # two layers": "a gap",
    "model = Dense(units=)": None,
    "model = Dense(???)": "a gap",
    "model = Dense(<fill in>)": "a gap",
    "model = Dense(<your code>)": "a gap",
    "model = Dense(10 # YOUR CODE HERE": "a gap",
    "model = Dense(10))": None,
    "if a == :": None,
    "model = Dense(10 if a <= b": None,
    "model = 'TODO' 5": TASK,
    "x = [TODO add]": TASK,
}


@pytest.mark.parametrize("source", UNREADABLE)
def test_what_python_cannot_read_for_its_gap(source: str) -> None:
    what = UNREADABLE[source]
    expected = what and Problem("unsolved", UNSOLVED.format(what), 3, 3, source)
    assert unfilled_text("model", broken(source), source) == expected


def test_a_function_that_holds_nothing_but_its_task_cannot_be_read() -> None:
    source = "def model():\n    # TODO\n\nx = = 1"
    problem = unfilled_text("model", broken(source, 6), "x = = 1")
    assert problem == Problem("unsolved", UNSOLVED.format(TASK), 3, 4, "# TODO")
    with pytest.raises(SubmissionError) as caught:
        slice_name(submission("def model():\n    # TODO: your model\n"), ["model"])
    assert caught.value.problem.kind == "unsolved"


def test_a_line_of_any_length_is_cut() -> None:
    problem = told("x = [None]  # " + "a" * 10_000)
    assert problem is not None and len(problem.source or "") == 300
    problem = unfilled_text("m", broken("def m():\n    # TODO " + "a" * 10_000), None)
    assert problem is not None and len(problem.source or "") == 300


HUGE = {
    "one comment of signs": "def f():\n    " + "#" * 200_000 + "\n    x = 1",
    "a thousand tasks": "def f():\n" + "    # TODO\n" * 100_000 + "    x = 1",
    "a call of many": "f(" + "None," * 50_000 + "1)",
    "a list of many": "x = [" + "None," * 50_000 + "1]",
    "many calls": "x = [" + "f(1)," * 20_000 + "1]",
}


@pytest.mark.parametrize("what", HUGE)
def test_a_huge_statement_costs_no_more_than_reading_it(what: str) -> None:
    started = time.process_time()
    assert told(HUGE[what]) is None
    assert time.process_time() - started < 3


@pytest.mark.parametrize("kind", ["timeout", "memory", "output", "forbidden", "custom_layer"])
def test_a_gap_does_not_explain_what_only_a_program_that_ran_can_come_to(kind: ProblemKind) -> None:
    assert told("model = Sequential([Conv2D(None, 3)])", Problem(kind, "…")) is None
