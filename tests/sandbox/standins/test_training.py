"""Training, evaluation and files of weights: answered at once, and the model taken."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.forks import Forks

MODEL = """
import keras
import numpy as np
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
model.compile("sgd", "mse", metrics=["accuracy"])
before = [array.copy() for array in model.get_weights()]
def unchanged():
    return all(map(np.array_equal, before, model.get_weights()))
x = np.ones((5, 4))
"""
NOT_RUN: dict[str, tuple[str, Any]] = {
    "fit": ("model.fit(x, x, epochs=500).history['val_accuracy'][-1]", 0.5),
    "fit_generator": ("model.fit_generator(None).epoch", [0]),
    "train_on_batch": ("model.train_on_batch(x, x).history['loss']", [0.5]),
    "evaluate": ("model.evaluate(x, x, verbose=0)", [0.5, 0.5]),
    "test_on_batch": ("model.test_on_batch(x, x, return_dict=True)['accuracy']", 0.5),
    "predict": ("model.predict(x).shape", [5, 3]),
    "predict_on_batch": ("model.predict_on_batch(x=x).shape", [20, 3]),
    "predict_proba": ("model.predict_proba(iter([])).shape", [20, 3]),
    "predict_classes": ("model.predict_classes(x).tolist()", [0] * 5),
    "save": ("model.save('/nowhere/model.keras')", None),
    "save_weights": ("model.save_weights('/nowhere/w.weights.h5')", None),
    "load_weights": ("model.load_weights('/nowhere/w.weights.h5')", None),
    "export": ("model.export('/nowhere/m')", None),
}


@pytest.mark.parametrize("name", NOT_RUN)
def test_it_is_not_run_and_what_it_gives_has_the_right_form(forks: Forks, name: str) -> None:
    source, expected = NOT_RUN[name]
    answer = forks.run(f"{MODEL}facts['it'] = {source}\nfacts['unchanged'] = unchanged()")
    assert answer["error"] is None
    assert answer["facts"] == {"it": expected, "unchanged": True}
    assert answer["notes"] == [f"{name} was not run."]


LOSSES = {
    "metrics=['accuracy', 'mae']": [0.5, 0.5, 0.5],
    "metrics=('accuracy',)": [0.5, 0.5],
    "metrics=[]": 0.5,
    "metrics=None": 0.5,
}


@pytest.mark.parametrize("metrics", LOSSES)
def test_evaluate_gives_as_many_numbers_as_there_are_metrics(forks: Forks, metrics: str) -> None:
    facts = forks.facts(
        f"""
        import keras
        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
        model.compile("sgd", "mse", {metrics})
        facts["it"] = model.evaluate(1, 2)
        """
    )
    assert facts == {"it": LOSSES[metrics]}


def test_a_model_that_is_not_compiled_or_built_is_answered_too(forks: Forks) -> None:
    facts = forks.facts(
        f"""{MODEL}
model = keras.Sequential([keras.layers.Dense(3)])
facts["loss"] = model.evaluate(x, x)
facts["shape"] = model.predict(x).shape
facts["epochs"] = len(model.fit(x, x).epoch)
"""
    )
    assert facts == {"loss": 0.5, "shape": [5, 1], "epochs": 1}


def test_data_that_cannot_be_counted_is_predicted_for_all_the_same(forks: Forks) -> None:
    facts = forks.facts(
        f"""{MODEL}
import cv2
class Odd:
    def __len__(self):
        raise RuntimeError
facts["shapes"] = [model.predict(value).shape for value in (Odd(), cv2.imread("x"), None)]
"""
    )
    assert facts == {"shapes": [[20, 3]] * 3}


def test_pictures_and_adapted_layers_are_left_out(forks: Forks) -> None:
    facts = forks.facts(
        f"""{MODEL}
facts["plot"] = keras.utils.plot_model(model, to_file="/nowhere/x.png")
facts["adapt"] = keras.layers.Normalization().adapt(x)
"""
    )
    assert facts == {"plot": None, "adapt": None}


def test_where_a_program_is_asked_for_values_training_is_real(forks: Forks) -> None:
    source = f"{MODEL}model.fit(x, x[:, :3], verbose=0)\nfacts['unchanged'] = unchanged()"
    answer = forks.run(source, data=False)
    assert (answer["facts"], answer["notes"]) == ({"unchanged": False}, [])


BUILDER = """
from grader.sandbox.standins.training import MAX_TRAININGS, Trained, builder_is_called
def trained(work):
    with builder_is_called() as models:
        try:
            work()
        except Trained as end:
            assert end.model is model
            return -len(models)
    assert all(one is model for one in models)
    return len(models)
"""


@pytest.mark.parametrize("name", ["fit", "fit_generator", "train_on_batch", "evaluate"])
def test_models_that_a_builder_trains_are_noted(forks: Forks, name: str) -> None:
    answer = forks.run(
        f"""{MODEL}{BUILDER}
def twice():
    model.{name}(x, x)
    facts["inside"] = trained(lambda: model.{name}(x, x))
    model.{name}(x, x)
facts["twice"] = trained(twice)
model.{name}(x, x)
facts["nothing"] = trained(lambda: model.predict(x))
"""
    )
    assert answer["error"] is None
    assert answer["facts"] == {"inside": 1, "twice": 2, "nothing": 0}
    assert answer["notes"] == [f"{name} was not run.", "predict was not run."]


def test_a_builder_that_trains_without_end_is_ended(forks: Forks) -> None:
    facts = forks.facts(
        f"""{MODEL}{BUILDER}
def careful():
    while True:
        try:
            model.fit(x, x)
        except Exception:
            facts["caught"] = True
facts["trained"] = trained(careful)
facts["most"] = MAX_TRAININGS
"""
    )
    assert facts == {"trained": -101, "most": 100}


COMPARED = (
    "The program compares losses or accuracies; nothing was trained, so that what it chooses by "
    "them says nothing."
)


@pytest.mark.parametrize("compare", ["<", "<=", ">", ">="])
def test_whoever_chooses_by_a_score_is_told_what_it_is_worth(forks: Forks, compare: str) -> None:
    answer = forks.run(
        f"{MODEL}facts['it'] = [model.evaluate(x, x)[1] {compare} n for n in (0.4, 0.5, 0.6)]"
    )
    expected = [eval(f"0.5 {compare} {n}") for n in (0.4, 0.5, 0.6)]
    assert answer["facts"] == {"it": expected}
    assert answer["notes"] == ["evaluate was not run.", COMPARED]


def test_compile_with_what_is_not_here_is_left_out(forks: Forks) -> None:
    answer = forks.run(
        f"{MODEL}import tfa\nmodel.compile(tfa.optimizers.Lamb(), 'mse', metrics=['accuracy'])\n"
        "facts['optimizer'] = type(model.optimizer).__name__"
    )
    assert answer["facts"] == {"optimizer": "SGD"}
    assert answer["notes"][-1] == "compile was left out: it is given something that is not here."
