"""How often a model is trained, what counts, and what is not believed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import SubmissionError
from grader.records import Epoch, LayerDescription, ModelDescription, OneBatch, Shape, TrainingRun
from grader.training.cache import ResultCache
from grader.training.datasets import Dataset, Split
from grader.training.train import (
    Recipe,
    memory_to_hold,
    refuse_to_train,
    score_run,
    train,
)

LABELS = np.arange(10, dtype=np.int32) % 5
DATA = Dataset(
    "ten",
    Split(np.zeros((20, 4, 4, 1), np.float32), np.zeros(20, np.int32)),
    Split(np.zeros((10, 4, 4, 1), np.float32), LABELS),
    Split(np.zeros((100, 4, 4, 1), np.float32), np.arange(100, dtype=np.int32) % 5),
    5,
    "digest",
)
RECIPE = Recipe("Adam", {"learning_rate": 0.001}, "mse", 2, 16, 7, 0.9)
NOTHING = ResultCache(None)
UNREADABLE = "What came back from training cannot be read."


def classes(right: int, labels: np.ndarray) -> np.ndarray:
    """Predictions of which the first ``right`` are right."""
    return np.where(np.arange(len(labels)) < right, labels, 4 - labels + 5).astype(np.int32)


def finished(right: int) -> dict[str, Any]:
    """What comes back from training: ``right`` test images of 100."""
    epoch = {"loss": 0.5, "accuracy": 0.25, "validation": classes(3, LABELS)}
    return {
        "outcome": "finished",
        "epochs": [epoch, epoch],
        "test": classes(right, DATA.test.labels),
    }


class Trainer:
    """Answers with the next of the given results, and keeps what it was asked."""

    def __init__(self, *results: Any) -> None:
        self.results = list(results)
        self.asked: list[dict[str, Any]] = []

    def __call__(self, request: dict[str, Any]) -> Any:
        self.asked.append(request)
        return self.results[len(self.asked) - 1]

    @property
    def seeds(self) -> list[int]:
        return [request["recipe"]["seed"] for request in self.asked]


DIVERGED = {"outcome": "diverged", "epochs": []}
SEEDS: dict[str, tuple[list[Any], list[int], float | None]] = {
    "reached": ([finished(90)], [7], 0.9),
    "far below": ([finished(87)], [7], 0.87),
    "just short, then reached": ([finished(88), finished(91)], [7, 8], 0.91),
    "just short three times": ([finished(88), finished(89), finished(88)], [7, 8, 9], 0.89),
    "just short, then worse": ([finished(89), finished(20), finished(50)], [7, 8, 9], 0.89),
    "just short, then diverged": ([finished(89), DIVERGED, finished(92)], [7, 8, 9], 0.92),
    "diverged": ([DIVERGED], [7], None),
    "out of time": (["timeout"], [7], None),
    "out of memory": (["memory"], [7], None),
    "just short, then out of time": ([finished(89), "timeout", finished(88)], [7, 8, 9], 0.89),
}


@pytest.mark.parametrize(("results", "seeds", "best"), SEEDS.values(), ids=SEEDS)
def test_other_seeds_are_tried_just_below_the_threshold_and_the_best_counts(
    results: list[Any], seeds: list[int], best: float | None
) -> None:
    trainer = Trainer(*results)
    result = train(trainer, RECIPE, DATA, NOTHING, {})
    assert trainer.seeds == seeds
    assert [run.seed for run in result.runs] == seeds
    assert result.best.accuracy == best
    assert result.test_images == 100
    assert not result.cached
    assert result.seconds >= 0


def test_the_process_that_trains_is_not_given_the_test_labels() -> None:
    trainer = Trainer(finished(95))
    train(trainer, RECIPE, DATA, NOTHING, {})
    (request,) = trainer.asked
    assert request.keys() == {"recipe", "images"}
    assert request["recipe"] == {
        "optimizer": "Adam",
        "settings": {"learning_rate": 0.001},
        "loss": "mse",
        "epochs": 2,
        "batch_size": 16,
        "seed": 7,
    }
    assert request["images"].keys() == {"train", "train_labels", "validation", "test"}
    assert request["images"]["train_labels"] is DATA.train.labels


def test_each_epoch_is_scored_on_the_validation_images() -> None:
    result = train(Trainer(finished(95)), RECIPE, DATA, NOTHING, {})
    assert result.best.epochs == (Epoch(0.5, 0.25, 0.3), Epoch(0.5, 0.25, 0.3))


# --- the cache ------------------------------------------------------------------------------


def test_a_result_is_known_the_next_time(tmp_path: Path) -> None:
    cache, trainer = ResultCache(tmp_path), Trainer(finished(88), finished(89), finished(70))
    first = train(trainer, RECIPE, DATA, cache, {"architecture": "a"})
    again = train(trainer, RECIPE, DATA, cache, {"architecture": "a"})
    assert len(trainer.asked) == 3
    assert again.runs == first.runs
    assert (first.cached, again.cached) == (False, True)


def test_divergence_is_known_the_next_time(tmp_path: Path) -> None:
    trainer = Trainer(DIVERGED)
    for _ in range(2):
        result = train(trainer, RECIPE, DATA, ResultCache(tmp_path), {})
        assert result.best.outcome == "diverged"
    assert len(trainer.asked) == 1


@pytest.mark.parametrize("ending", ["timeout", "memory"])
def test_the_limits_of_this_machine_are_not_kept(ending: str, tmp_path: Path) -> None:
    trainer = Trainer(ending, finished(95))
    first, second = (train(trainer, RECIPE, DATA, ResultCache(tmp_path), {}) for _ in range(2))
    assert first.best.outcome == ending
    assert second.best.accuracy == 0.95


@pytest.mark.parametrize(
    "change",
    [
        lambda: (replace(RECIPE, epochs=1), DATA, {"architecture": "a"}),
        lambda: (replace(RECIPE, seed=8), DATA, {"architecture": "a"}),
        lambda: (replace(RECIPE, settings={}), DATA, {"architecture": "a"}),
        lambda: (RECIPE, replace(DATA, digest="other"), {"architecture": "a"}),
        lambda: (RECIPE, DATA, {"architecture": "b"}),
        lambda: (RECIPE, DATA, {"architecture": "a", "keras": "4"}),
    ],
    ids=["epochs", "seed", "settings", "data", "architecture", "version"],
)
def test_whatever_changes_the_result_is_in_the_key(
    change: Callable[[], tuple[Recipe, Dataset, dict[str, Any]]], tmp_path: Path
) -> None:
    cache, trainer = ResultCache(tmp_path), Trainer(finished(95), finished(94))
    train(trainer, RECIPE, DATA, cache, {"architecture": "a"})
    recipe, data, key = change()
    assert not train(trainer, recipe, data, cache, key).cached


def test_the_threshold_is_not_in_the_key(tmp_path: Path) -> None:
    cache, trainer = ResultCache(tmp_path), Trainer(finished(95))
    train(trainer, RECIPE, DATA, cache, {})
    assert train(trainer, replace(RECIPE, threshold=0.5), DATA, cache, {}).cached


@pytest.mark.parametrize(
    "result", [None, 7, {}, {"seed": 7}, {"seed": 7, "epochs": [{"loss": 1}], "outcome": "x"}]
)
def test_an_entry_in_another_form_is_made_again(result: Any, tmp_path: Path) -> None:
    train(Trainer(finished(95)), RECIPE, DATA, ResultCache(tmp_path), {})
    (path,) = tmp_path.rglob("*.json")
    entry = json.loads(path.read_text())
    path.write_text(json.dumps(entry | {"result": result}))
    trainer = Trainer(finished(94))
    assert train(trainer, RECIPE, DATA, ResultCache(tmp_path), {}).best.accuracy == 0.94


# --- what is not trained --------------------------------------------------------------------


def model(
    inputs: tuple[Shape, ...] = ((4, 4, 1),),
    outputs: tuple[Shape, ...] = ((5,),),
    total: int = 100,
    trainable: int = 100,
    layers: tuple[int, ...] = (),
) -> ModelDescription:
    rows = tuple(
        LayerDescription("x", "Dense", {}, ((1,),), ((1,),), params, params, 0, None, ())
        for params in layers
    )
    return ModelDescription(rows, inputs, outputs, total, trainable, 0, None, True)


@pytest.mark.parametrize(
    "fitting",
    [
        model(),
        model(outputs=((7,),)),
        model(inputs=((None, None, 1),)),
        model(trainable=1),
    ],
    ids=["as asked", "more classes", "any size", "mostly frozen"],
)
def test_a_model_that_fits_the_data_is_trained(fitting: ModelDescription) -> None:
    assert refuse_to_train(RECIPE, DATA, fitting, 2**20) is None


@pytest.mark.parametrize(
    "unfit",
    [
        model(inputs=((4, 4, 3),)),
        model(inputs=((16,),)),
        model(inputs=((None, 5, 1),)),
        model(inputs=((4, 4, 1), (4, 4, 1))),
        model(outputs=((4,),)),
        model(outputs=((1,),)),
        model(outputs=((),)),
        model(outputs=((None,),)),
        model(outputs=((4, 5),)),
        model(outputs=((5,), (5,))),
        model(trainable=0),
    ],
)
def test_a_model_that_does_not_fit_the_data_is_not_trained(unfit: ModelDescription) -> None:
    result = refuse_to_train(RECIPE, DATA, unfit, 2**20)
    assert result is not None
    assert result.runs == (TrainingRun(7, None, (), "unsuited"),)
    assert result.test_images == 100


def test_weights_and_gradients_must_fit_into_memory() -> None:
    large = model(total=1000, trainable=500)
    assert refuse_to_train(RECIPE, DATA, large, 6000) is None
    result = refuse_to_train(RECIPE, DATA, large, 5999)
    assert result is not None
    assert result.best.outcome == "memory"


def test_making_weights_takes_the_largest_layer_twice() -> None:
    assert memory_to_hold(model(total=100, layers=(30, 70))) == 4 * (100 + 70)
    assert memory_to_hold(model(total=0)) == 0


# --- what is not believed -------------------------------------------------------------------


def test_a_model_that_cannot_be_trained_is_refused_in_keras_words() -> None:
    with pytest.raises(SubmissionError) as caught:
        score_run({"refused": "No gradients\n\n  provided." + "x" * 500}, 2, 1, DATA)
    problem = caught.value.problem
    assert problem.kind == "unreadable"
    assert problem.message.startswith("The model cannot be trained: No gradients provided.xxx")
    assert len(problem.message) == len("The model cannot be trained: ") + 400


WRONG_CLASSES: list[Any] = [
    None,
    [0] * 100,
    np.zeros(99, np.int32),
    np.zeros((100, 1), np.int32),
    np.zeros(100, np.float32),
    np.zeros(100, bool),
    7,
]


@pytest.mark.parametrize("given", WRONG_CLASSES)
def test_predictions_of_another_form_are_all_wrong(given: Any) -> None:
    assert score_run({**finished(95), "test": given}, 2, 1, DATA).accuracy == 0


EPOCH: dict[str, Any] = finished(0)["epochs"][0]


@pytest.mark.parametrize(
    "trained",
    [
        None,
        "done",
        [],
        np.zeros(3),
        {},
        {"epochs": []},
        {**finished(95), "outcome": "won"},
        {**finished(95), "outcome": np.zeros(2)},
        {**finished(95), "epochs": None},
        {**finished(95), "epochs": {}},
        {**finished(95), "epochs": [EPOCH]},
        {**finished(95), "epochs": [EPOCH, None]},
        {**finished(95), "epochs": [EPOCH, {**EPOCH, "loss": float("nan")}]},
        {**finished(95), "epochs": [EPOCH, {**EPOCH, "loss": "0.1"}]},
        {**finished(95), "epochs": [EPOCH, {**EPOCH, "loss": np.ones(1)}]},
        {**finished(95), "epochs": [EPOCH, {**EPOCH, "accuracy": 1.5}]},
        {**finished(95), "epochs": [EPOCH, {**EPOCH, "accuracy": 10**400}]},
        {"outcome": "finished", "epochs": [EPOCH, EPOCH]},
    ],
)
def test_what_is_out_of_form_is_refused(trained: Any) -> None:
    with pytest.raises(SubmissionError) as caught:
        score_run(trained, 2, 1, DATA)
    assert caught.value.problem.kind == "unreadable"
    assert caught.value.problem.message == UNREADABLE


def test_the_first_loss_and_silent_units_are_kept() -> None:
    run = score_run({**finished(95), "first_loss": 2.5, "silent": [0.5, 1.0]}, 2, 1, DATA)
    assert (run.first_loss, run.silent) == (2.5, (0.5, 1.0))
    stopped = {"outcome": "diverged", "epochs": [], "first_loss": 40.0}
    assert score_run(stopped, 2, 1, DATA).first_loss == 40.0


FEW = {"images": 32, "steps": 60, "first_loss": 2.5, "last_loss": 2.25}


def test_what_a_single_batch_gave_is_kept(tmp_path: Path) -> None:
    trainer = Trainer({**finished(95), "one_batch": FEW})
    for _ in range(2):
        result = train(trainer, RECIPE, DATA, ResultCache(tmp_path), {})
        assert result.best.one_batch == OneBatch(32, 60, 2.5, 2.25)
    assert result.cached


@pytest.mark.parametrize(
    "changes",
    [
        {"images": 0},
        {"images": "32"},
        {"steps": True},
        {"first_loss": float("nan")},
        {"last_loss": 2},
        {"more": 1},
    ],
    ids=str,
)
def test_a_single_batch_out_of_form_costs_only_itself(changes: dict[str, Any]) -> None:
    run = score_run({**finished(95), "one_batch": FEW | changes}, 2, 1, DATA)
    assert (run.accuracy, run.one_batch) == (0.95, None)


@pytest.mark.parametrize("claim", [None, [], 7, "x" * 100, {}, {1: 2}])
def test_what_is_no_single_batch_is_none(claim: Any) -> None:
    assert score_run({**finished(95), "one_batch": claim}, 2, 1, DATA).one_batch is None


@pytest.mark.parametrize(
    ("first", "silent"),
    [
        (None, None),
        (float("inf"), [1.5]),
        (float("nan"), [float("nan")]),
        ("2.5", ["1.0"]),
        (True, [True]),
        (3, 0.5),
        ([2.5], [0.5] * 10**4),
    ],
)
def test_a_first_loss_out_of_form_costs_only_itself(first: Any, silent: Any) -> None:
    run = score_run({**finished(95), "first_loss": first, "silent": silent}, 2, 1, DATA)
    assert (run.accuracy, run.first_loss, run.silent) == (0.95, None, ())


def test_an_entry_from_before_there_was_a_first_loss_is_taken(tmp_path: Path) -> None:
    told = {**finished(0), "first_loss": 2.5, "silent": [1.0]}
    for result in (told, finished(0)):
        trainer = Trainer(result)
        train(trainer, RECIPE, DATA, ResultCache(tmp_path), {})
        (path,) = tmp_path.rglob("*.json")
        again = train(trainer, RECIPE, DATA, ResultCache(tmp_path), {})
        assert again.cached
        assert again.best.silent == tuple(result.get("silent", ()))
        entry = json.loads(path.read_text())
        entry["result"] = {
            key: value for key, value in entry["result"].items() if key[:2] not in ("fi", "si")
        }
        path.write_text(json.dumps(entry))
        old = train(trainer, RECIPE, DATA, ResultCache(tmp_path), {})
        assert (old.cached, old.best.first_loss, old.best.silent) == (True, None, ())
        path.unlink()


def test_more_epochs_than_asked_are_not_shown() -> None:
    assert len(score_run({**finished(95), "epochs": [EPOCH] * 9}, 2, 1, DATA).epochs) == 2


ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=4)
    | st.sampled_from(["finished", "diverged", "timeout", EPOCH, *WRONG_CLASSES]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["outcome", "epochs", "test", "refused", *EPOCH]), inner, max_size=4
        )
    ),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    trained=ANY
    | st.builds(
        lambda key, value: {**finished(95), key: value},
        st.sampled_from(["outcome", "epochs", "test", "refused"]),
        ANY,
    )
)
def test_any_values_give_a_run_or_a_verdict(trained: Any) -> None:
    try:
        run = score_run(trained, 2, 1, DATA)
    except SubmissionError as error:
        assert error.problem.kind == "unreadable"
    else:
        assert run.accuracy is None or 0 <= run.accuracy <= 1
        assert all(np.isfinite([e.loss, e.accuracy, e.val_accuracy]).all() for e in run.epochs)
