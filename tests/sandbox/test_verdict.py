"""What a student is told, word for word, and that no answer can make the telling fail."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import SubmissionError
from grader.records import Problem, ProblemKind
from grader.sandbox.complaints import MAX_MESSAGE
from grader.sandbox.exchange import Ending, Reply
from grader.sandbox.limits import Limits
from grader.sandbox.verdict import MAX_SOURCE, read_answer, read_error, read_returned

LIMITS = Limits(seconds=2.5, memory_bytes=4096 << 20)


def reply(
    ending: Ending = "answered", answer: Any = None, code: int = 0, job: str = "build"
) -> Reply:
    return Reply(job, ending, answer, "", code, 1.0, 0)


def told(given_reply: Reply, name: str = "build_cnn") -> Problem:
    with pytest.raises(SubmissionError) as caught:
        read_answer(given_reply, name, LIMITS)
    assert str(caught.value) == caught.value.problem.message
    return caught.value.problem


def test_an_answer_is_given_as_it_came() -> None:
    assert read_answer(reply(answer={"value": 1}), "f", LIMITS) == {"value": 1}


# --- how a process ended ----------------------------------------------------------------------

TOO_SLOW = (
    "build_cnn did not end within 2.5 s. Look for a loop that never ends, or for work that does "
    "not belong into it: training, downloads."
)
LARGE_LAYER = (
    "build_cnn needed more memory than the 4,096 MB that it may use. Look at the largest layer: a "
    "dense layer behind a large Flatten holds most of a network's weights."
)
LARGE_LIST = (
    "build_cnn needed more memory than the 4,096 MB that it may use. Look for a list or an array "
    "that grows with every step."
)
UNREADABLE = "What came back for build_cnn cannot be read."
CRASHED = "The program crashed while build_cnn was"
ENDED = "The program ended itself{} while build_cnn was {} (os._exit or the like)."


@pytest.mark.parametrize(
    ("ending", "code", "job", "kind", "message"),
    [
        ("timeout", -9, "build", "timeout", TOO_SLOW),
        ("timeout", -9, "read", "timeout", TOO_SLOW),
        ("memory", -9, "build", "memory", LARGE_LAYER),
        ("memory", -9, "learn", "memory", LARGE_LAYER),
        ("memory", -9, "call", "memory", LARGE_LIST),
        ("memory", -9, "read", "memory", LARGE_LIST),
        (
            "processes",
            -9,
            "build",
            "memory",
            "build_cnn started too many processes and was stopped.",
        ),
        (
            "output",
            -9,
            "build",
            "output",
            "build_cnn printed more than a report can hold and was stopped. Take the printing out "
            "of loops.",
        ),
        ("garbage", 0, "build", "unreadable", UNREADABLE),
        ("killed", 0, "build", "unreadable", UNREADABLE),
        ("silent", 0, "build", "raised", ENDED.format("", "built")),
        ("silent", 0, "learn", "raised", ENDED.format("", "built")),
        ("silent", 3, "call", "raised", ENDED.format(" with status 3", "called")),
        ("silent", 255, "read", "raised", ENDED.format(" with status 255", "worked out")),
        ("silent", -11, "build", "raised", f"{CRASHED} built: segmentation fault."),
        ("silent", -11, "call", "raised", f"{CRASHED} called: segmentation fault."),
        ("silent", -11, "read", "raised", f"{CRASHED} worked out: segmentation fault."),
        ("silent", -9, "build", "raised", f"{CRASHED} built: killed."),
        ("silent", -6, "build", "raised", f"{CRASHED} built: aborted."),
        ("silent", -8, "build", "raised", f"{CRASHED} built: arithmetic error."),
        ("silent", -40, "build", "raised", f"{CRASHED} built: signal 40."),
    ],
)
def test_a_process_without_an_answer(
    ending: Ending, code: int, job: str, kind: ProblemKind, message: str
) -> None:
    assert told(reply(ending, code=code, job=job)) == Problem(kind, message)


def test_every_ending_has_its_words() -> None:
    for ending in get_args(Ending):
        assert told(reply(ending, answer={"error": {"kind": "missing"}})).message


@pytest.mark.parametrize(
    "answer",
    [None, [], "text", 7, np.zeros(2), {"error": {}}, {"error": "raised"}, {"error": {"kind": 1}}],
    ids=str,
)
def test_an_answer_out_of_form_cannot_be_read(answer: Any) -> None:
    assert told(reply(answer=answer)) == Problem("unreadable", UNREADABLE)


# --- what a process said ----------------------------------------------------------------------


def raised(**facts: Any) -> Problem:
    return read_error({"kind": "raised", **facts}, "f", LIMITS)


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        ({"kind": "missing"}, Problem("missing", "f is not defined when the notebook has run.")),
        (
            {"kind": "not_a_model", "type": "NoneType", "called": True},
            Problem("not_a_model", "f returns None. Does it end with return model?"),
        ),
        (
            {"kind": "not_a_model", "type": "str"},
            Problem("not_a_model", "f is a value of type str, not a Keras model."),
        ),
        (
            {"kind": "arguments", "names": ["shape", "classes", "rate"]},
            Problem(
                "raised",
                "f asks for shape, classes and rate, of which the exercise says nothing. Give them "
                "a default value.",
            ),
        ),
        (
            {"kind": "not_callable", "type": "int"},
            Problem("raised", "f is of type int, not a function."),
        ),
        (
            {"kind": "not_a_dict", "type": "list"},
            Problem("raised", "f is of type list, not a dict of answers."),
        ),
        (
            {"kind": "not_plain", "type": "Model"},
            Problem("raised", "f gives a value of type Model; numbers or arrays are asked."),
        ),
        (
            {"kind": "not_a_model", "type": "list", "holds": ["a"], "models": np.ones(2)},
            Problem("not_a_model", "f is a value of type list, not a Keras model."),
        ),
        (
            {"kind": "arguments", "names": ["shape", 10**4000, ["x"]]},
            Problem(
                "raised",
                "f asks for shape, of which the exercise says nothing. Give it a default value.",
            ),
        ),
        ({"kind": "too_large"}, Problem("output", "f gives more than a report can hold.")),
    ],
    ids=lambda value: value["kind"] if isinstance(value, dict) else "",
)
def test_what_is_not_as_asked(error: dict[str, Any], problem: Problem) -> None:
    assert read_error(error, "f") == problem


def test_an_exception_is_told_with_its_place() -> None:
    found = raised(type="KeyError", text="'x'", file="<cell 12>", line=3, source="a['x']")
    assert found == Problem("raised", "KeyError: 'x'", 12, 3, "a['x']")


def test_an_exception_of_keras_is_told_in_our_words() -> None:
    text = (
        "Exception encountered when calling MaxPooling2D.call().\n\n\x1b[1mComputed output size "
        "would be zero or negative. Received: `inputs.shape=[None 1 1 8]`, `pool_size=[2 2]`, "
        "`strides=(2, 2)`, `padding=valid`.\x1b[0m\n\nArguments received by MaxPooling2D.call():"
    )
    assert raised(type="ValueError", text=text).message == (
        'A 2×2 pooling window does not fit over a 1×1×8 feature map with padding="valid".'
    )


def test_memory_that_ran_out_inside_is_told_like_memory_that_was_taken_away() -> None:
    answer = {"error": {"kind": "raised", "type": "MemoryError", "text": "", "memory": True}}
    assert told(reply(answer=answer)) == told(reply("memory")) == Problem("memory", LARGE_LAYER)


def test_without_known_limits_memory_is_told_without_a_bound() -> None:
    found = read_error({"kind": "raised", "memory": True}, "f")
    assert found.message == (
        "f needed more memory. Look at the largest layer: a dense layer behind a large Flatten "
        "holds most of a network's weights."
    )


@pytest.mark.parametrize(
    ("facts", "place"),
    [
        ({"file": "<script>", "line": 4}, (None, 4)),
        ({"file": "<cell 1>"}, (1, None)),
        ({"file": "<cell 1234567>", "line": 0}, (None, None)),
        ({"file": "/etc/passwd", "line": -1}, (None, None)),
        ({"file": ["<cell 1>"], "line": True}, (None, None)),
        ({"file": "<cell 1>", "line": 10**7}, (1, None)),
        ({"file": "<cell ١>", "line": 1.0}, (1, None)),
    ],
    ids=str,
)
def test_a_place_out_of_form_is_no_place(
    facts: dict[str, Any], place: tuple[int | None, int | None]
) -> None:
    found = raised(type="E", **facts)
    assert (found.cell, found.line) == place


def test_texts_are_bounded() -> None:
    found = raised(type="E" * 1000, text="x" * 10_000, source="y" * 10_000)
    assert found.message == f"{'E' * 80}: {'x' * (MAX_MESSAGE - 1)}…"
    assert found.source == "y" * MAX_SOURCE


# --- what a function gave ---------------------------------------------------------------------


def test_values_and_reasons_are_told_case_by_case() -> None:
    items = [{"value": 0}, {"error": {"kind": "too_large"}}, {"value": None}, "odd", {}]
    found = read_returned({"returned": items}, 5, "f")
    assert [one.value for one in found] == [0, None, None, None, None]
    assert [one.problem and one.problem.message for one in found] == [
        None,
        "f gives more than a report can hold.",
        None,
        "What came back for f cannot be read.",
        "What came back for f cannot be read.",
    ]


@pytest.mark.parametrize(
    "answer",
    [{}, {"returned": None}, {"returned": []}, {"returned": [{"value": 1}] * 3}, {"returned": {}}],
    ids=str,
)
def test_another_number_of_cases_cannot_be_read(answer: dict[str, Any]) -> None:
    with pytest.raises(SubmissionError) as caught:
        read_returned(answer, 2, "f")
    assert caught.value.problem == Problem("unreadable", "What came back for f cannot be read.")


# --- whatever comes ---------------------------------------------------------------------------

WORDS = st.sampled_from(
    [
        *("kind", "raised", "missing", "not_a_model", "arguments", "not_callable", "not_a_dict"),
        *("not_plain", "too_large", "type", "text", "names", "file", "line", "source", "holds"),
        *("models", "is", "name", "called", "class", "tensor", "memory", "error", "returned"),
        *("value", "expression", "<cell 1>", "NoneType"),
    ]
)
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | WORDS
    | st.just(np.zeros((2, 2))),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(WORDS | st.text(), inner, max_size=6)
    ),
    max_leaves=20,
)
FACTS = (
    *("type", "text", "names", "file", "line", "source", "holds", "models", "is", "name"),
    *("called", "memory", "stub", "exit", "expression"),
)
ERRORS = st.fixed_dictionaries({"kind": WORDS}, optional=dict.fromkeys(FACTS, ANYTHING))


@given(ANYTHING | ERRORS)
def test_any_error_is_told(error: Any) -> None:
    problem = read_error(error, "f", LIMITS)
    assert problem.kind in get_args(ProblemKind)
    assert len(problem.message) < 2 * MAX_MESSAGE


@given(
    ANYTHING | st.fixed_dictionaries({"error": ERRORS}),
    st.sampled_from(get_args(Ending)),
    st.integers(-300, 300),
    st.sampled_from(["build", "call", "read", "learn", "other"]),
)
def test_any_answer_is_read_or_refused(answer: Any, ending: Ending, code: int, job: str) -> None:
    try:
        read = read_answer(reply(ending, answer, code, job), "f", LIMITS)
    except SubmissionError:
        return
    assert read is answer


@given(st.dictionaries(WORDS, ANYTHING) | st.fixed_dictionaries({"returned": st.lists(ANYTHING)}))
def test_any_returned_values_are_read_or_refused(answer: dict[str, Any]) -> None:
    try:
        found = read_returned(answer, 2, "f", LIMITS)
    except SubmissionError:
        return
    assert len(found) == 2


KERAS_LIKE = st.lists(
    st.sampled_from(
        [
            "Computed output size would be zero or negative. Received: inputs.shape=",
            "kernel shape=",
            "dilation_rate=",
            ", strides=(1, 1), padding=valid",
            "Input 0 with name 'None' of layer 'conv2d' is incompatible with the layer: expected ",
            "min_ndim=4, found ndim=2. Full shape received: ",
            "axis -1 of input shape to have value 3, but received input with shape ",
            "Inputs have incompatible shapes. Received shapes ",
            " and ",
            "The total size of the tensor must be unchanged. Received: input_shape=",
            ", target_shape=",
            "Shapes used to initialize variables must be fully-defined (no). Received: shape=",
            " for variable path='",
            "Conv2D.__init__() missing 1 required positional argument: 'filters'",
            "(None, 4, 4)",
            "()",
            "[]",
            "[None 0 -1]",
            "(99999999999999999999999999999999, 1)",
            "'",
            "\n\n",
            "\x1b[1m",
        ]
    )
    | st.text(max_size=5),
    max_size=8,
).map("".join)


@given(KERAS_LIKE, st.text(max_size=20))
def test_texts_that_look_like_kerass_are_told(text: str, expression: str) -> None:
    found = raised(type="ValueError", text=text, expression=expression)
    assert len(found.message) <= MAX_MESSAGE + 100
