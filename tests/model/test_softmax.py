"""Whether outputs are probabilities, told from the layers: Keras's own outputs are the oracle."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.model.softmax import certainly_probabilities, sums_to_one
from grader.records import ModelDescription
from grader.sandbox.client import Sandbox
from tests.checks.models import build, evidence_of

END = 'Flatten(), Dense(4, activation="softmax")'


def model_of(sandbox: Sandbox, layers: str) -> ModelDescription:
    return build(sandbox, f"Sequential([Input((8, 8, 1)), {layers}])")


@pytest.mark.parametrize(
    "layers",
    [
        'Flatten(), Dense(4, activation="softmax")',
        "Flatten(), Dense(4), Softmax()",
        'Flatten(), Dense(4), Activation("softmax")',
        'Flatten(), Dense(4, activation="softmax"), Dropout(0.5)',
        'Conv2D(4, 1, activation="softmax"), GlobalAveragePooling2D()',
        'Conv2D(4, 8, activation="softmax"), Flatten()',
        "Conv2D(4, 8), Reshape((4,)), Softmax()",
        "Flatten(), Dense(4)",
        'Flatten(), Dense(4, activation="sigmoid")',
        'Flatten(), Dense(4, activation="softmax"), ReLU()',
        'Flatten(), Dense(4, activation="softmax"), Dense(4)',
        'Conv2D(4, 1, activation="softmax"), GlobalMaxPooling2D()',
        'Conv2D(4, 1, activation="softmax"), Flatten()',
        'Dense(4, activation="softmax")',
        'Flatten(), Dense(4, activation="softmax"), BatchNormalization()',
        'Conv2D(4, 3, kernel_initializer="he_normal"), BatchNormalization(), ReLU(), '
        'MaxPooling2D(), Flatten(), Dropout(0.5), Dense(4, activation="softmax")',
        'DepthwiseConv2D(3, activation="tanh"), SeparableConv2D(4, 3), GlobalAveragePooling2D(), '
        'Dense(4, activation="softmax", kernel_initializer=initializers.HeUniform(seed=3))',
    ],
)
def test_the_last_activation_tells_what_the_outputs_of_images_tell(
    sandbox: Sandbox, layers: str
) -> None:
    evidence = evidence_of(sandbox, f"Sequential([Input((8, 8, 1)), {layers}])")
    assert evidence.model is not None and evidence.sample is not None
    measured = evidence.sample.minimum >= 0 and evidence.sample.largest_sum_error < 1e-4
    assert sums_to_one(evidence.model) == measured
    assert measured or not certainly_probabilities(evidence.model)


@pytest.mark.parametrize(
    "layer",
    [
        "Rescaling(1e38)",
        "Dense(4, kernel_initializer=initializers.Constant(1e38))",
        'Dense(4, kernel_initializer="ones")',
        'Dense(4, bias_initializer="random_normal")',
        "Dense(4, kernel_initializer=initializers.VarianceScaling(scale=1e38))",
        'Dense(4, activation="exponential")',
        "BatchNormalization(epsilon=-1)",
        "BatchNormalization(gamma_initializer=initializers.Constant(1e38))",
        "ReLU(negative_slope=1e38)",
        "Normalization(mean=0, variance=1)",
        "LayerNormalization()",
        ", ".join(["ReLU()"] * 100),
    ],
)
def test_of_what_might_not_be_finite_softmax_proves_nothing(sandbox: Sandbox, layer: str) -> None:
    model = model_of(sandbox, f"{layer}, {END}")
    assert sums_to_one(model)
    assert not certainly_probabilities(model)


def test_what_only_claims_to_be_a_layer_of_keras_proves_nothing(sandbox: Sandbox) -> None:
    model = model_of(sandbox, END)
    assert certainly_probabilities(model)
    assert not certainly_probabilities(replace(model, rebuilt=False))


def test_softmax_proves_nothing_of_several_outputs(sandbox: Sandbox) -> None:
    code = (
        "image = Input((8, 8, 1))\nflat = Flatten()(image)\n"
        "one = Dense(4, activation='softmax')(flat)\ntwo = Dense(4, activation='softmax')(flat)\n"
        "model = keras.Model(image, [one, two])"
    )
    assert not certainly_probabilities(build(sandbox, code))
