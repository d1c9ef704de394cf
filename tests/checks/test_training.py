"""``training``: what is said of an accuracy, and of a training that gave none."""

from __future__ import annotations

import math
from typing import Any, Literal

import pytest
from pydantic import ValidationError

from grader.checks.base import Finding
from grader.checks.training import Training, check_training
from grader.records import Epoch, Evidence, TrainingResult, TrainingRun
from grader.sandbox.client import Sandbox
from tests.checks.models import build

Outcome = Literal["finished", "diverged", "timeout", "memory", "unsuited"]
EPOCHS = (Epoch(2.1, 0.3, 0.35), Epoch(0.4, 0.915, 0.9))
AFTER = (
    "After 2 epochs it was right on 91.5 % of the training images and 90 % of the validation "
    "images."
)
FIX = "Look at the activations, at the last layer, and at how much the pooling leaves."


def judge(*runs: TrainingRun, images: int = 270, **settings: Any) -> Finding:
    asked = {"min_accuracy": 0.95, **settings}
    spec = Training.model_validate({"id": "learns", "dataset": "digits", **asked})
    result = TrainingResult(runs, images, 1.5, cached=False)
    return check_training(spec, Evidence(training={"learns": result}))


def finished(accuracy: float, seed: int = 1, epochs: tuple[Epoch, ...] = EPOCHS) -> TrainingRun:
    return TrainingRun(seed, accuracy, epochs, "finished")


def words(finding: Finding) -> tuple[float, str, str, str, str]:
    return finding.credit, finding.where, finding.detail, finding.why, finding.fix


@pytest.mark.parametrize("accuracy", [0.95, 0.9815, 1.0])
def test_enough_is_enough(accuracy: float) -> None:
    shown = {0.95: "95 %", 0.9815: "98.2 %", 1.0: "100 %"}[accuracy]
    said = f"{shown} of 270 images it never saw; 95 % asked."
    assert words(judge(finished(accuracy))) == (1, said, "", "", "")


def test_not_enough() -> None:
    said = "90.4 % of 270 images it never saw; 95 % asked."
    assert words(judge(finished(0.9037))) == (0, "It learns, but not enough.", said, AFTER, FIX)


@pytest.mark.parametrize(
    ("accuracy", "credit"),
    [(0.949999, 0.999993), (0.875, 0.5), (0.81, 1 / 15), (0.8, 0), (0.5, 0), (0.0, 0)],
)
def test_points_grow_linearly(accuracy: float, credit: float) -> None:
    found = judge(finished(accuracy), partial_from=0.8).credit
    assert found == pytest.approx(credit, abs=1e-6)


def test_credit_is_never_whole_below_what_is_asked() -> None:
    below = math.nextafter(0.95, 0)
    assert judge(finished(below), partial_from=0.8).credit < 1
    assert judge(finished(below), partial_from=math.nextafter(below, 0)).credit < 1


@pytest.mark.parametrize(("accuracy", "learns"), [(0.1, False), (0.4749, False), (0.475, True)])
def test_an_accuracy_at_chance_is_no_learning(accuracy: float, learns: bool) -> None:
    where = "It learns, but not enough." if learns else "It hardly learns."
    assert judge(finished(accuracy)).where == where


def test_an_accuracy_that_falls_short_is_not_rounded_up() -> None:
    said = "94.9 % of 10000 images it never saw; 95 % asked."
    assert judge(finished(0.9499), images=10000).detail.startswith("94.9 % of 10,000")
    assert said.replace("10000", "10,000") == judge(finished(0.9499), images=10000).detail


def test_the_best_of_several_seeds_counts() -> None:
    runs = [finished(0.9407, 1), finished(0.9519, 2), finished(0.9333, 3)]
    assert judge(*runs).where == (
        "95.2 % of 270 images it never saw; 95 % asked. Best of 3 seeds: 94.1 %, 95.2 % and 93.3 %."
    )
    failed = judge(finished(0.9407, 1), TrainingRun(2, None, (), "timeout"))
    assert failed.detail == (
        "94.1 % of 270 images it never saw; 95 % asked. Best of 2 seeds: 94.1 % and none."
    )
    assert failed.where == "It learns, but not enough."


def test_one_epoch_is_worded_as_one() -> None:
    why = judge(finished(0.5, epochs=EPOCHS[:1])).why
    assert why == (
        "After 1 epoch it was right on 30 % of the training images and 35 % of the validation "
        "images."
    )
    assert judge(finished(0.5, epochs=())).why == ""


@pytest.mark.parametrize(
    ("outcome", "where", "why", "fix"),
    [
        (
            "diverged",
            "The loss became infinite or not a number while training.",
            "From there no further step can make the network better.",
            "Look for a missing activation, or for outputs that the loss cannot take.",
        ),
        (
            "timeout",
            "Training did not end within its time limit.",
            "The network is larger than the task needs.",
            "Make it smaller: fewer filters, pooling earlier.",
        ),
        (
            "memory",
            "Training needed more memory than it may use.",
            "The network is larger than the task needs.",
            "Make it smaller: fewer filters, pooling earlier, smaller dense layers.",
        ),
        (
            "unsuited",
            "The model cannot be trained on this data set.",
            "It must take one image of the asked-for shape, give one number for each class, and "
            "have parameters to learn.",
            "Put the input and output shapes right first.",
        ),
    ],
)
def test_a_training_that_gave_no_accuracy(outcome: Outcome, where: str, why: str, fix: str) -> None:
    finding = judge(TrainingRun(1, None, (), outcome), partial_from=0.5)
    assert words(finding) == (0, where, "", why, fix)
    assert (finding.expected, finding.got) == ({"accuracy": 0.95}, {"accuracy": None})


def test_an_accuracy_that_is_no_number_earns_nothing() -> None:
    assert judge(finished(math.nan), partial_from=0.5).credit == 0


def test_the_accuracy_is_kept_for_the_report() -> None:
    finding = judge(finished(0.5))
    assert (finding.expected, finding.got) == ({"accuracy": 0.95}, {"accuracy": 0.5})


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"min_accuracy": 0.9}, "Name either a dataset or a file."),
        (
            {"min_accuracy": 0.9, "dataset": "digits", "file": "a.npz"},
            "Name either a dataset or a file.",
        ),
        (
            {"min_accuracy": 0.9, "dataset": "digits", "partial_from": 0.9},
            "partial_from must be below min_accuracy.",
        ),
        ({"min_accuracy": 1.5, "dataset": "digits"}, ""),
        ({"min_accuracy": 0.9, "dataset": "letters"}, ""),
        ({"min_accuracy": 0.9, "dataset": "digits", "epochs": 0}, ""),
        ({"min_accuracy": 0.9, "dataset": "digits", "seed": -1}, ""),
        ({"min_accuracy": math.nan, "dataset": "digits"}, ""),
        ({"dataset": "digits"}, ""),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Training.model_validate(settings)
    faults = caught.value.errors()[0].get("ctx", {}).get("faults", [])
    assert [fault.message for fault in faults] == ([said] if said else [])


@pytest.mark.parametrize("loss", ["CTC", "ctc", "Circle"])
def test_a_loss_that_compares_no_class_with_a_label_is_refused(loss: str) -> None:
    with pytest.raises(ValidationError):
        Training(dataset="digits", min_accuracy=0.9, loss=loss)


@pytest.mark.parametrize(
    ("code", "why", "fix"),
    [
        (
            "Sequential([Input((28, 28, 3)), Flatten(), Dense(10)])",
            "It takes images of 28×28×3; those of this exercise are 28×28×1.",
            "Write keras.Input((28, 28, 1)), and leave out what says otherwise.",
        ),
        (
            "Sequential([Input((28, 28, 1)), Flatten(), Dense(10, trainable=False)])",
            "It has no parameters to learn.",
            "Add a layer with weights, or take back trainable=False.",
        ),
    ],
)
def test_what_does_not_fit_the_data_is_named(
    sandbox: Sandbox, code: str, why: str, fix: str
) -> None:
    spec = Training.model_validate({"id": "learns", "dataset": "digits", "min_accuracy": 0.9})
    result = TrainingResult((TrainingRun(1, None, (), "unsuited"),), 270, 0.0, cached=False)
    evidence = Evidence(
        input_shape=(28, 28, 1), model=build(sandbox, code), training={"learns": result}
    )
    finding = check_training(spec, evidence)
    assert (finding.why, finding.fix) == (why, fix)


def test_axes_that_are_left_open_fit(sandbox: Sandbox) -> None:
    code = "Sequential([Input((None, None, 1)), GlobalAveragePooling2D(), Dense(3)])"
    result = TrainingResult((TrainingRun(1, None, (), "unsuited"),), 270, 0.0, cached=False)
    evidence = Evidence(
        input_shape=(28, 28, 1), model=build(sandbox, code), training={"learns": result}
    )
    spec = Training.model_validate({"id": "learns", "dataset": "digits", "min_accuracy": 0.9})
    assert check_training(spec, evidence).fix == "Put the input and output shapes right first."
