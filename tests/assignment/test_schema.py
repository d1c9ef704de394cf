"""The models of an assignment: defaults, names, and the ids of checks."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from grader.assignment.load import load_assignment
from grader.assignment.schema import Assignment, check_ids
from grader.checks.layers import Layers
from grader.checks.table import CHECK_TYPES
from grader.checks.training import Training
from tests.assignment.faults import ANSWERS, BUILD, FUNCTION, write

BESIDE = Path(__file__).resolve().parent.parent.parent / "assignments"


def load(folder: Path, text: str) -> Assignment:
    return load_assignment(write(folder, text)).content


SMALL = BUILD + "      - {type: probabilities, points: 1}\n"


def test_what_is_not_said_has_a_default(tmp_path: Path) -> None:
    assignment = load(tmp_path, SMALL)
    assert assignment.limits.model_dump() == {
        "build_seconds": 20,
        "train_seconds": 120,
        "memory_mb": 4096,
    }
    assert assignment.hints == "why"
    assert assignment.remarks
    assert not assignment.allow_custom_layers
    exercise = assignment.exercises[0]
    assert (exercise.title, exercise.also) == (None, ())
    check = exercise.checks[0]
    assert (check.needs, check.hint, check.visibility) == ((), None, "visible")


@pytest.mark.parametrize(
    ("head", "check", "kind", "names"),
    [
        (BUILD, "{type: probabilities, points: 1}", "build", ("build_cnn",)),
        (FUNCTION, "{type: returns, cases: [{expect: 1}], points: 1}", "function", ("size",)),
        (ANSWERS, "{type: answers, expect: {a: 1}, points: 1}", "answers", ("counts",)),
    ],
)
def test_an_exercise_knows_what_it_asks_for(
    tmp_path: Path, head: str, check: str, kind: str, names: tuple[str, ...]
) -> None:
    exercise = load(tmp_path, f"{head}      - {check}\n").exercises[0]
    assert (exercise.kind, exercise.names) == (kind, names)


def test_other_names_come_after_the_asked_for_one(tmp_path: Path) -> None:
    text = SMALL.replace("    checks:", "    also: [cnn, größe_2]\n    checks:")
    assert load(tmp_path, text).exercises[0].names == ("build_cnn", "cnn", "größe_2")


def test_a_check_without_an_id_is_named_for_its_type(tmp_path: Path) -> None:
    checks = ["probabilities, points: 1", "probabilities", "probabilities, id: probabilities-2"]
    text = BUILD + "".join(f"      - {{type: {check}}}\n" for check in checks)
    ids = [check.id for check in load(tmp_path, text).exercises[0].checks]
    assert ids == ["probabilities", "probabilities-3", "probabilities-2"]


@pytest.mark.parametrize(
    ("checks", "ids"),
    [
        ([], []),
        ([("", "layers")], ["layers"]),
        ([("", "layers"), ("", "layers"), ("", "layers")], ["layers", "layers-2", "layers-3"]),
        ([("", "layers"), ("layers", "budget")], ["layers-2", "layers"]),
        ([("own", "layers"), ("", "layers")], ["own", "layers"]),
        ([("same", "layers"), ("same", "layers")], ["same", "same"]),
        ([("", ""), ("", "layers")], ["", "layers"]),
    ],
)
def test_ids_are_given_in_order_around_those_that_are_taken(
    checks: list[tuple[str, str]], ids: list[str]
) -> None:
    assert check_ids(checks) == ids


NAMES = st.sampled_from(["a", "b", "a-2", "b-2", "a-3"])


@given(st.lists(st.tuples(st.just("") | NAMES, NAMES)))
def test_given_ids_stay_and_the_others_are_unique(checks: list[tuple[str, str]]) -> None:
    ids = check_ids(checks)
    made = [id for id, (given, _) in zip(ids, checks, strict=True) if not given]
    assert [given or id for id, (given, _) in zip(ids, checks, strict=True)] == ids
    assert len(set(made)) == len(made)
    assert not set(made) & {given for given, _ in checks}


def test_every_check_type_has_the_name_that_the_table_gives_it() -> None:
    for name, check in CHECK_TYPES.items():
        assert check.spec.model_fields["type"].default == name


def test_a_loaded_assignment_cannot_be_changed(tmp_path: Path) -> None:
    assignment = load(tmp_path, SMALL)
    with pytest.raises(ValidationError):
        assignment.exercises[0].checks[0].points = 100


def test_keras_names_are_made_canonical(tmp_path: Path) -> None:
    text = BUILD + (
        "      - {type: layers, expect: [MaxPool2D, {Convolution2D: {filters: 4}}], points: 1}\n"
        "      - {type: training, dataset: digits, optimizer: adam, min_accuracy: 1}\n"
    )
    layers, training = load(tmp_path, text).exercises[0].checks
    assert isinstance(layers, Layers)
    assert [(layer.type, layer.args) for layer in layers.expect] == [
        ("MaxPooling2D", {}),
        ("Conv2D", {"filters": 4}),
    ]
    assert isinstance(training, Training)
    assert (training.optimizer.type, training.optimizer.args) == ("Adam", {})


def test_numbers_keep_their_type(tmp_path: Path) -> None:
    """``1`` and ``1.0`` differ in what a function is called with."""
    case = "{args: [1, 1.0, true, null, text, [2]], kwargs: {k: .inf}, expect: 3}"
    text = f"{FUNCTION}      - {{type: returns, cases: [{case}], points: 1}}\n"
    (case_read,) = load(tmp_path, text).exercises[0].checks[0].model_dump()["cases"]
    assert repr(case_read["args"]) == "[1, 1.0, True, None, 'text', [2]]"
    assert repr(case_read["kwargs"]) == "{'k': inf}"


@pytest.mark.parametrize("path", sorted(BESIDE.glob("*.yaml")), ids=lambda path: path.name)
def test_the_assignments_that_come_with_the_grader_load(path: Path) -> None:
    assert load_assignment(path).content.id == path.stem


def test_older_keras_is_translated_unless_the_author_says_no(tmp_path: Path) -> None:
    assert load(tmp_path, SMALL).translate_old_keras is True
    assert load(tmp_path, f"translate_old_keras: false\n{SMALL}").translate_old_keras is False


def test_the_number_of_classes_is_open_unless_the_author_says_it(tmp_path: Path) -> None:
    def classes(line: str) -> int | None:
        return (
            load(tmp_path, SMALL.replace("    checks:", f"{line}    checks:")).exercises[0].classes
        )

    assert classes("") is None
    assert classes("    classes: 1\n") == 1
    assert classes("    classes: 100000\n") == 100_000


def test_a_method_is_asked_for_with_its_class(tmp_path: Path) -> None:
    text = SMALL.replace("build_cnn", "LeNet.build").replace(
        "    checks:", "    also: [make, Net.größe]\n    checks:"
    )
    exercise = load(tmp_path, text).exercises[0]
    assert exercise.names == ("LeNet.build", "make", "Net.größe")
