"""The allow-list: what a claimed architecture may hold, and in which words the rest is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from grader.errors import SubmissionError
from grader.model import keras_names
from grader.model.architecture import check_architecture
from grader.sandbox.client import Sandbox
from tests.model.keras_layers import NOT_ALONE, code_for
from tests.model.saved import (
    Saved,
    array,
    call,
    dense,
    entry,
    functional,
    layer,
    sequential,
    small,
    tensor,
)
from tests.model.student import assert_same, describe, keras_facts

CUSTOM = (
    " is not one of Keras's own classes, so the model cannot be rebuilt from its description. "
    "Build it from Keras's layers, as Sequential or with keras.Model(inputs, outputs)."
)
UNREADABLE = "The model's description cannot be read: "
WEIGHTS = ", which could carry weights."


def refusal(claimed: Any) -> tuple[str, str]:
    """Kind and message of the error for a claim."""
    with pytest.raises(SubmissionError) as caught:
        check_architecture(claimed)
    return caught.value.problem.kind, caught.value.problem.message


# --- every layer that Keras has -------------------------------------------------------------

LAYERS = keras_names.class_names("layers")

KERAS_CANNOT = {"Equalization", "STFTSpectrogram"}
"""Layers that this Keras does not build here, on NumPy and TensorFlow alone."""

NOT_TAKEN = {
    "IntegerLookup": "IntegerLookup is not taken: it may read a file.",
    "Lambda": "Lambda is not taken: a Lambda layer hides Python code; use keras.ops or a layer "
    "of Keras's own.",
    "StringLookup": "StringLookup is not taken: it may read a file.",
    "TextVectorization": "TextVectorization is not taken: it may read a file.",
}

NOT_LOADED = {
    "RandomShear": "The `factor` argument should be a number (or a list of two numbers) in the "
    "range [0, 1.0]. Received: input_number=-0.2",
}
"""Layers that Keras itself does not load again from what it saved."""


@pytest.fixture(scope="module")
def alone(sandbox: Sandbox) -> dict[str, Any]:
    """What Keras says of a model of each layer."""
    codes = {name: code_for(name) for name in LAYERS}
    return keras_facts(sandbox, {name: code for name, code in codes.items() if code})


@pytest.mark.parametrize("name", [name for name in LAYERS if name not in NOT_ALONE])
def test_each_layer_of_keras_is_described_as_keras_has_it_or_refused_by_name(
    name: str, alone: dict[str, Any], sandbox: Sandbox
) -> None:
    facts = alone[name]
    if "error" in facts:
        assert name in KERAS_CANNOT, facts["error"]
    elif name in NOT_TAKEN:
        assert refusal(facts["architecture"]) == ("forbidden", NOT_TAKEN[name])
    else:
        model = describe(sandbox, check_architecture(facts["architecture"]))
        if isinstance(model, str):
            assert model == NOT_LOADED[name]
        else:
            assert_same(model, facts)


def test_the_table_of_layers_is_complete() -> None:
    assert set(LAYERS) >= NOT_ALONE.keys() | KERAS_CANNOT | NOT_TAKEN.keys() | NOT_LOADED.keys()


# --- what is refused ------------------------------------------------------------------------


def in_layer(item: Saved) -> Saved:
    return sequential(entry(8), item)


def function(module: str, name: str) -> Saved:
    """How Keras saves a function."""
    return {"module": module, "class_name": "function", "config": name, "registered_name": name}


CODE = {"class_name": "__lambda__", "config": {"value": ["4wEAAAA=", None, None]}}
"""How Keras saves the bytecode of a lambda."""

LAMBDA = NOT_TAKEN["Lambda"]
HOLES = {
    "CVE-2024-3660, bytecode in a Lambda": (
        in_layer(layer("Lambda", name="hole", function=CODE)),
        ("forbidden", LAMBDA),
    ),
    "CVE-2025-1550, a function of any module": (
        in_layer(layer("Lambda", name="hole", function=function("os", "system"), arguments={})),
        ("forbidden", LAMBDA),
    ),
    "CVE-2025-1550, a class of any module": (
        in_layer(layer("Popen", "subprocess", name="hole", args=["id"])),
        ("custom_layer", "Popen" + CUSTOM),
    ),
    "CVE-2025-8747, a download": (
        in_layer(
            layer(
                "Lambda",
                name="hole",
                function=function("keras.utils", "get_file"),
                arguments={"origin": "https://example.org/x", "fname": "x", "extract": True},
            )
        ),
        ("forbidden", LAMBDA),
    ),
    "CVE-2025-12060, a download as a layer": (
        in_layer(layer("get_file", "keras.utils", name="hole", fname="x", origin="file:///x")),
        ("custom_layer", "get_file" + CUSTOM),
    ),
    "CVE-2025-9906, safe mode switched off": (
        in_layer(layer("enable_unsafe_deserialization", "keras.config", name="hole")),
        ("custom_layer", "enable_unsafe_deserialization" + CUSTOM),
    ),
    "CVE-2025-9906, safe mode switched off by a function": (
        small(kernel_initializer=function("keras.config", "enable_unsafe_deserialization")),
        ("custom_layer", "function" + CUSTOM),
    ),
    "CVE-2025-9905, the older form without a module": (
        in_layer({"class_name": "Lambda", "config": {"name": "hole", "function": CODE}}),
        ("forbidden", LAMBDA),
    ),
    "CVE-2025-9905, another older class": (
        in_layer({"class_name": "Dense", "config": {"name": "hole", "units": 4}}),
        ("custom_layer", "Dense" + CUSTOM),
    ),
    "CVE-2025-12058, a vocabulary in a file": (
        in_layer(layer("StringLookup", name="hole", vocabulary="/etc/passwd")),
        ("forbidden", NOT_TAKEN["StringLookup"]),
    ),
    "CVE-2025-12058, the class behind it": (
        in_layer(
            layer("IndexLookup", "keras.src.layers.preprocessing.index_lookup", vocabulary="/x")
        ),
        ("custom_layer", "IndexLookup" + CUSTOM),
    ),
    "CVE-2026-1462, a saved model": (
        in_layer(layer("TFSMLayer", name="hole", filepath="/tmp/x")),
        ("forbidden", "TFSMLayer is not taken: it reads a model from a file."),
    ),
    "CVE-2026-1462, by the module that holds it": (
        in_layer(layer("TFSMLayer", "keras.src.export.tfsm_layer", name="hole", filepath="/x")),
        ("custom_layer", "TFSMLayer" + CUSTOM),
    ),
}


@pytest.mark.parametrize(("claimed", "expected"), HOLES.values(), ids=HOLES)
def test_the_published_holes_in_loading_models_are_closed(
    claimed: Saved, expected: tuple[str, str]
) -> None:
    assert refusal(claimed) == expected


HOSTILE: dict[str, tuple[Any, str, str]] = {
    "no dict": ([], "unreadable", UNREADABLE + "it is not the description of a Keras model."),
    "nothing": (None, "unreadable", UNREADABLE + "it is not the description of a Keras model."),
    "no class": ({}, "unreadable", UNREADABLE + "it is not the description of a Keras model."),
    "a layer alone": (dense(), "custom_layer", "Dense" + CUSTOM),
    "a class of the student's": (layer("Net", "__main__"), "custom_layer", "Net" + CUSTOM),
    "a class that is no text": (
        sequential(layer([])),  # type: ignore[arg-type]
        "unreadable",
        UNREADABLE + "it names a class that is no text.",
    ),
    "a module that is no text": (
        sequential(layer("Dense", {"a": 1})),  # type: ignore[arg-type]
        "unreadable",
        UNREADABLE + "it names a class that is no text.",
    ),
    "a registered object": (
        in_layer(dense() | {"registered_name": "Custom>Dense"}),
        "custom_layer",
        "Dense" + CUSTOM,
    ),
    "the layer's inner module": (
        in_layer(layer("Dense", "keras.src.layers.core.dense", units=4)),
        "custom_layer",
        "Dense" + CUSTOM,
    ),
    "os": (in_layer(layer("system", "os", command="id")), "custom_layer", "system" + CUSTOM),
    "builtins": (in_layer(layer("eval", "builtins", x="1")), "custom_layer", "eval" + CUSTOM),
    "TorchModuleWrapper": (
        in_layer(layer("TorchModuleWrapper", module_=None)),
        "forbidden",
        "TorchModuleWrapper is not taken: it wraps code of another framework.",
    ),
    "JaxLayer": (
        in_layer(layer("JaxLayer", call_fn=CODE)),
        "forbidden",
        "JaxLayer is not taken: it wraps code of another framework.",
    ),
    "FlaxLayer": (
        in_layer(layer("FlaxLayer", module_=None)),
        "forbidden",
        "FlaxLayer is not taken: it wraps code of another framework.",
    ),
    "TextVectorization": (
        in_layer(layer("TextVectorization", vocabulary="/etc/passwd")),
        "forbidden",
        NOT_TAKEN["TextVectorization"],
    ),
    "Lambda inside a wrapper": (
        in_layer(layer("TimeDistributed", layer=layer("Lambda", function=CODE))),
        "forbidden",
        LAMBDA,
    ),
    "Lambda as an activation": (
        small(activation=layer("Lambda", function=CODE)),
        "forbidden",
        LAMBDA,
    ),
    "bytecode as an initialiser": (
        small(kernel_initializer=CODE),
        "custom_layer",
        "__lambda__" + CUSTOM,
    ),
    "a type specification": (
        small(kernel_initializer={"class_name": "__typespec__", "spec_name": "x", "config": []}),
        "custom_layer",
        "__typespec__" + CUSTOM,
    ),
    "a function as a constraint": (
        small(kernel_constraint=function("builtins", "eval")),
        "custom_layer",
        "function" + CUSTOM,
    ),
    "a function as the operand of an operation": (
        functional(
            call(entry(8)),
            call(
                layer("Map", "keras.src.ops.core", name="map"),
                function("os", "system"),
                tensor("entry", 8),
            ),
        ),
        "custom_layer",
        "function" + CUSTOM,
    ),
    "an operation that Keras has not": (
        functional(call(entry(8)), call(layer("Exec", "keras.src.ops.core", name="x"))),
        "custom_layer",
        "Exec" + CUSTOM,
    ),
    "an activation of the student's": (
        small(activation="my_relu"),
        "custom_layer",
        "The activation 'my_relu' is not one of Keras's own, so the model cannot be rebuilt. Use "
        "one of Keras's activations.",
    ),
    "an activation that is no text": (
        small(activation=[1]),
        "custom_layer",
        "The activation '[1]' is not one of Keras's own, so the model cannot be rebuilt. Use one "
        "of Keras's activations.",
    ),
    "an unknown argument": (
        small(callbacks=1),
        "forbidden",
        "Dense has an argument that Keras does not know: 'callbacks'.",
    ),
    "weights of a layer": (
        in_layer(layer("Embedding", input_dim=2, output_dim=1, weights=[[1.0], [2.0]])),
        "forbidden",
        "Embedding is given weights; a model is trained from fresh ones.",
    ),
    "a list in Constant": (
        small(kernel_initializer=layer("Constant", "keras.initializers", value=[[1.0, 2.0]])),
        "forbidden",
        "Constant takes one number; a list of them could carry weights.",
    ),
    "an array in Constant": (
        small(kernel_initializer=layer("Constant", "keras.initializers", value=array([1.0, 2.0]))),
        "forbidden",
        "Constant takes one number; a list of them could carry weights.",
    ),
    "a long Normalization": (
        in_layer(layer("Normalization", mean=[0.5] * 33, variance=[1.0] * 33)),
        "forbidden",
        "Normalization holds 66 numbers" + WEIGHTS,
    ),
    "a long Rescaling": (
        in_layer(layer("Rescaling", scale=[[1.0, 2.0]] * 50)),
        "forbidden",
        "Rescaling holds 100 numbers" + WEIGHTS,
    ),
    "a long Discretization": (
        in_layer(layer("Discretization", bin_boundaries=[i / 100 for i in range(65)])),
        "forbidden",
        "Discretization holds 65 numbers" + WEIGHTS,
    ),
    "a dict of numbers": (
        small(kernel_initializer={str(i): i for i in range(64)}),
        "forbidden",
        "Dense holds 65 numbers" + WEIGHTS,
    ),
    "a large operand": (
        functional(
            call(entry(8)),
            call(
                layer("Matmul", "keras.src.ops.numpy", name="matmul"),
                tensor("entry", 8),
                array(*[[0.5] * 8] * 9),
            ),
        ),
        "forbidden",
        "Matmul holds 72 numbers" + WEIGHTS,
    ),
    "many small operands": (
        functional(
            call(entry(8)),
            *[
                call(
                    layer("Multiply", "keras.src.ops.numpy", name=f"times{i}"),
                    tensor("entry", 8),
                    array(*[0.5] * 50, wrapper="__tensor__"),
                )
                for i in range(21)
            ],
        ),
        "forbidden",
        "The model holds more than 1,000 constants" + WEIGHTS,
    ),
    "many small lists": (
        sequential(
            entry(8), *[layer("Rescaling", name=f"r{i}", scale=[0.5] * 50) for i in range(21)]
        ),
        "forbidden",
        "The model holds more than 1,000 constants" + WEIGHTS,
    ),
    "NaN": (
        small(units=float("nan")),
        "forbidden",
        "The model holds the number nan; no layer needs it.",
    ),
    "infinity": (
        in_layer(layer("Rescaling", scale=float("-inf"))),
        "forbidden",
        "The model holds the number -inf; no layer needs it.",
    ),
    "beyond a float32": (
        in_layer(layer("Rescaling", scale=1e39)),
        "forbidden",
        "The model holds the number 1e+39; no layer needs it.",
    ),
    "10^12 units": (
        small(units=10**12),
        "forbidden",
        "The model holds a whole number beyond 2,147,483,648; no layer needs it.",
    ),
    "10^5000 units": (
        small(units=-(10**5000)),
        "forbidden",
        "The model holds a whole number beyond 2,147,483,648; no layer needs it.",
    ),
    "a long text": (
        small(activation="x" * 1001),
        "forbidden",
        "The model holds a text of more than 1,000 characters.",
    ),
    "a long key": (
        small(**{"x" * 1001: 1}),
        "forbidden",
        "The model holds a text of more than 1,000 characters.",
    ),
    "100,000 layers": (
        sequential(entry(8), *[dense()] * 100_000),
        "unreadable",
        UNREADABLE + "it is too large or too deep.",
    ),
    "2,001 layers": (
        sequential(*[layer("Flatten", name=f"f{i}") for i in range(2_000)]),
        "forbidden",
        "The model has more than 2,000 layers.",
    ),
    "no list of layers": (
        layer("Sequential", "keras", name="x"),
        "unreadable",
        UNREADABLE + "it has no list of layers.",
    ),
    "layers that are text": (
        layer("Sequential", "keras", layers=["Dense"]),
        "unreadable",
        UNREADABLE + "it has no list of layers.",
    ),
    "a layer without a configuration": (
        sequential({"module": "keras.layers", "class_name": "Dense"}),
        "unreadable",
        UNREADABLE + "a layer has no configuration.",
    ),
    "a layer without a class": (
        sequential({"module": "keras.layers", "config": {"units": 4}}),
        "unreadable",
        UNREADABLE + "a layer has no class.",
    ),
    "a value in place of a layer": (
        sequential(entry(8), array(1.0)),
        "unreadable",
        UNREADABLE + "a layer has no class.",
    ),
    "an input without a shape": (
        sequential(layer("InputLayer", name="entry")),
        "unreadable",
        UNREADABLE + "an input has no shape.",
    ),
    "the same name twice": (
        sequential(entry(8), dense(), dense()),
        "unreadable",
        UNREADABLE + "two of its layers have the same name.",
    ),
    "a source that is not there": (
        functional(call(entry(8)), call(dense(), tensor("nowhere", 8))),
        "unreadable",
        UNREADABLE + "a layer reads from a layer that is not there.",
    ),
    "an output that is not there": (
        functional(call(entry(8)), outputs=[["nowhere", 0, 0]]),
        "unreadable",
        UNREADABLE + "a layer reads from a layer that is not there.",
    ),
    "an output that is a number": (
        functional(call(entry(8)), outputs=7),
        "unreadable",
        UNREADABLE + "its inputs or outputs are not named.",
    ),
}


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(("claimed", "kind", "message"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_claims_are_refused_by_name(claimed: Any, kind: str, message: str) -> None:
    assert refusal(claimed) == (kind, message)


@pytest.mark.parametrize("levels", [61, 190, 390])
def test_what_is_nested_too_deep_is_refused(levels: int) -> None:
    expected = ("unreadable", UNREADABLE + "it is too large or too deep.")
    assert refusal(small(units=nested(levels))) == expected
    model = sequential(entry(8))
    for _ in range(levels // 3):
        model = sequential(model)
    assert refusal(model) == expected


def test_an_array_that_came_over_the_wall_is_refused() -> None:
    for place in ("units", "seed", "activation", "weights"):
        expected = ("forbidden", "The model holds an array of numbers" + WEIGHTS)
        assert refusal(small(**{place: np.zeros(3)})) == expected
    assert refusal(small() | {"registered_name": np.zeros(3)}) == expected


def test_settings_that_are_not_taken_over_cannot_hide_anything() -> None:
    loud = small() | {"compile_config": CODE, "build_config": CODE, "shared_object_id": 7}
    loud["config"]["layers"][1] |= {"build_config": CODE, "compile_config": CODE}
    loud["config"]["dtype"] = loud["config"]["build_input_shape"] = CODE
    assert check_architecture(loud).config == check_architecture(small()).config


MISFITS = {
    "negative size": (small(units=-3), "Received an invalid value for `units`"),
    "units that are a text": (small(units="ten"), "Received an invalid value for `units`"),
    "a cycle": (
        functional(
            call(entry(4)),
            call(dense(name="a"), tensor("b", 4)),
            call(dense(name="b"), tensor("a", 4)),
        ),
        "Invalid Functional model configuration. The graph of the Functional model either has "
        "loops or disconnected nodes.",
    ),
    "a window that does not fit": (
        sequential(entry(4, 4, 1), layer("Conv2D", name="c", filters=2, kernel_size=[5, 5])),
        "Computed output size would be zero or negative.",
    ),
}


@pytest.mark.parametrize(("claimed", "start"), MISFITS.values(), ids=MISFITS)
def test_what_does_not_fit_together_is_refused_in_keras_words(
    claimed: Saved, start: str, sandbox: Sandbox
) -> None:
    refused = describe(sandbox, check_architecture(claimed))
    assert isinstance(refused, str)
    assert refused.startswith(start)


def test_a_model_larger_than_any_computer_is_named_so(sandbox: Sandbox) -> None:
    huge = sequential(entry(8), dense(2**31, name="a"), dense(2**31, name="b"), dense(9, name="c"))
    with pytest.raises(SubmissionError) as caught:
        describe(sandbox, check_architecture(huge))
    assert caught.value.problem.kind == "memory"
    assert caught.value.problem.message == "The model is larger than any computer can hold."
