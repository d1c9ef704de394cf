"""Chains described by arithmetic, against Keras's own description of the same layers."""

from __future__ import annotations

from typing import Any

import pytest

from grader.feedback.chain import Arithmetic, Chain, Link, chain_of, new_link
from grader.feedback.edits import EDITS
from grader.feedback.hopes import NOTHING
from grader.records import ModelDescription
from grader.sandbox.client import Sandbox
from tests.checks.models import build, call
from tests.feedback.solutions import solved_exercises
from tests.feedback.undoing import edited

ORACLE = """
from grader.model.describe import describe_model
from grader.model.weightless import weightless

def f(chains):
    with weightless():
        return [measure(*chain) for chain in chains]

def measure(shape, layers):
    try:
        made = [getattr(keras.layers, kind)(**config) for kind, config in layers]
        described = describe_model(keras.Sequential([keras.Input(shape), *made]))
    except ValueError:
        return None
    rows = [[row[key] for key in KEYS] for row in described["layers"]]
    return [rows, [described[key] for key in TOTALS]]

KEYS = ["type", "output_shapes", "params", "trainable_params", "multiply_adds", "receptive_field"]
TOTALS = ["output_shapes", "total_params", "trainable_params", "multiply_adds", "receptive_field"]
"""


def keras_says(sandbox: Sandbox, chains: list[Chain]) -> list[Any]:
    given = [
        [list(chain.input_shape), [[link.type, dict(link.config)] for link in chain.links]]
        for chain in chains
    ]
    [returned] = call(sandbox, ORACLE, [{"args": [given], "kwargs": {}}])
    assert returned.problem is None, returned.problem
    said: list[Any] = returned.value
    return said


def arithmetic_says(chain: Chain) -> Any:
    model = Arithmetic().describe(chain)
    if model is None:
        return None
    rows = [
        [
            layer.type,
            listed(layer.output_shapes),
            layer.params,
            layer.trainable_params,
            layer.multiply_adds,
            listed(layer.receptive_field),
        ]
        for layer in model.layers
    ]
    totals = [model.total_params, model.trainable_params, model.multiply_adds]
    return [rows, [listed(model.output_shapes), *totals, listed(model.receptive_field)]]


def listed(value: Any) -> Any:
    return [listed(item) for item in value] if isinstance(value, tuple) else value


def test_arithmetic_describes_each_solution_as_keras_does(sandbox: Sandbox) -> None:
    for solved in solved_exercises(sandbox):
        model = solved.evidence.model
        assert model is not None
        chain = chain_of(model)
        assert chain is not None
        assert Arithmetic().describe(chain) == model
        assert Arithmetic(model).describe(chain) == model


def test_arithmetic_describes_changed_models_as_keras_does(sandbox: Sandbox) -> None:
    """For each solution, every seventh model that each edit makes of it."""
    chains = []
    for solved in solved_exercises(sandbox):
        by_edit: dict[str, list[Chain]] = {}
        for wrong in edited(solved):
            by_edit.setdefault(wrong.edit, []).append(wrong.chain)
        chains += [chain for made in by_edit.values() for chain in made[::7]]
    assert len(chains) > 100
    for chain, said in zip(chains, keras_says(sandbox, chains), strict=True):
        assert arithmetic_says(chain) == said, [(link.type, link.config) for link in chain.links]


def test_what_arithmetic_refuses_keras_refuses_too(sandbox: Sandbox) -> None:
    refused = []
    for solved in solved_exercises(sandbox):
        assert solved.evidence.model is not None
        chain = chain_of(solved.evidence.model)
        assert chain is not None
        changed = [c.apply(chain) for edit in EDITS for c in edit.changes(chain, NOTHING)]
        refused += [c for c in changed if c is not None and Arithmetic().describe(c) is None][::9]
    assert len(refused) > 20
    assert keras_says(sandbox, refused) == [None] * len(refused)


@pytest.mark.parametrize(
    ("type", "arguments"),
    [
        ("Conv2D", {"filters": 4, "kernel_size": 3}),
        ("SeparableConv2D", {"filters": 4, "kernel_size": 3}),
        ("DepthwiseConv2D", {"kernel_size": 3}),
        ("MaxPooling2D", {}),
        ("AveragePooling2D", {"pool_size": 3}),
        ("GlobalAveragePooling2D", {}),
        ("GlobalMaxPooling2D", {}),
        ("BatchNormalization", {}),
        ("Activation", {"activation": "relu"}),
        ("ReLU", {}),
        ("Softmax", {}),
        ("Dropout", {"rate": 0.5}),
        ("Flatten", {}),
        ("Dense", {"units": 4}),
    ],
)
def test_a_new_layer_has_the_arguments_that_keras_gives_it(
    sandbox: Sandbox, type: str, arguments: dict[str, Any]
) -> None:
    model = build(sandbox, f"Sequential([Input((9, 9, 3)), {type}(**{arguments})])")
    made = new_link(type, arguments).config
    given = model.layers[0].config
    assert {key: made[key] for key in given if key in made} == given
    assert all(made[key] is None for key in made if key not in given)


def test_a_required_argument_is_missed() -> None:
    with pytest.raises(ValueError, match="Conv2D needs more arguments"):
        new_link("Conv2D", {"filters": 4})


BRANCHED = """
inputs = Input((8, 8, 4))
a = Conv2D(4, 3, padding="same")(inputs)
b = Conv2D(4, 1)(inputs)
model = Model(inputs, Concatenate()([Add()([a, inputs]), b]))
"""


def test_a_branched_model_is_a_chain_unless_a_layer_reads_the_image_and_another(
    sandbox: Sandbox,
) -> None:
    assert chain_of(build(sandbox, BRANCHED)) is None
    model = build(sandbox, BRANCHED.replace("[a, inputs]", "[a, b]"))
    chain = chain_of(model)
    assert chain is not None and chain.inbound is not None
    assert Arithmetic().describe(chain) == model


@pytest.mark.parametrize(
    "model",
    [
        "i = Input((8, 8, 1)); model = Model(i, [Conv2D(1, 3)(i), Conv2D(1, 3)(i)])",
        "i = Input((8, 8, 1)); j = Input((8, 8, 1)); model = Model([i, j], Add()([i, j]))",
        "c = Conv2D(1, 3); i = Input((8, 8, 1)); model = Model(i, c(c(i)))",
        "i = Input((8, 8, 1)); x = Conv2D(1, 3)(i); model = Model(i, Add()([x, x]))",
    ],
)
def test_what_a_description_leaves_open_is_no_chain(sandbox: Sandbox, model: str) -> None:
    assert chain_of(build(sandbox, model)) is None


def test_an_unknown_layer_is_taken_at_its_word_while_its_input_stays(sandbox: Sandbox) -> None:
    model: ModelDescription = build(
        sandbox, "Sequential([Input((8, 8, 1)), Conv2DTranspose(4, 3), Flatten(), Dense(10)])"
    )
    chain = chain_of(model)
    assert chain is not None
    assert Arithmetic().describe(chain) is None
    assert Arithmetic(model).describe(chain) == model
    behind = chain.spliced(2, 3, [chain.links[2].having(units=5)])
    changed = Arithmetic(model).describe(behind)
    assert changed is not None and changed.output_shapes == ((5,),)
    before = chain.spliced(0, 0, [new_link("MaxPooling2D")])
    assert Arithmetic(model).describe(before) is None


def test_a_frozen_layer_stays_frozen(sandbox: Sandbox) -> None:
    model = build(sandbox, "Sequential([Input((8, 8, 1)), Conv2D(4, 3, trainable=False)])")
    chain = chain_of(model)
    assert chain is not None
    assert Arithmetic().describe(chain) == model
    wider = Arithmetic().describe(chain.spliced(0, 1, [chain.links[0].having(filters=8)]))
    assert wider is not None and (wider.total_params, wider.trainable_params) == (80, 0)


def test_two_links_are_the_same_only_if_they_are_one() -> None:
    assert Link("Flatten", {}) != Link("Flatten", {})
