"""Remarks on the last layers, the loss and learning, word for word."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from grader.feedback.remark_learning import (
    at_chance,
    convolves_one_pixel,
    does_not_move,
    first_loss,
    not_even_one_batch,
    pool_larger_than_input,
    sigmoid_on_classes,
    silent_units,
    softmax_missing,
    softmax_of_one,
    softmax_twice,
)
from grader.records import (
    CompileDescription,
    Epoch,
    Evidence,
    OneBatch,
    Remark,
    TrainingResult,
    TrainingRun,
)
from grader.sandbox.client import Sandbox
from tests.checks.models import build, build_compiled

Find = Callable[[Evidence], Remark | None]
FLAT = tuple(Epoch(2.3026, 0.1, 0.1) for _ in range(3))
GUESSES = TrainingRun(1, 0.1, FLAT, "finished", 2.3)
LEARNS = TrainingRun(1, 0.97, (Epoch(1.2, 0.6, 0.8), Epoch(0.1, 0.98, 0.97)), "finished", 2.4)


def trained(run: TrainingRun) -> dict[str, TrainingResult]:
    return {"learns": TrainingResult((run,), 270, 1.0, False)}


def model_of(sandbox: Sandbox, layers: str) -> Evidence:
    return Evidence(model=build(sandbox, f"Sequential([Input((28, 28, 1)), {layers}])"))


def compiled(sandbox: Sandbox, layers: str, loss: str) -> Evidence:
    lines = f"model = Sequential([Input((28, 28, 1)), {layers}])\nmodel.compile(loss={loss})"
    evidence = Evidence(model=build(sandbox, lines))
    settings = build_compiled(sandbox, lines)
    assert isinstance(settings, CompileDescription)
    return replace(evidence, compiled=settings)


# --- windows ---------------------------------------------------------------------------------


def test_a_pool_larger_than_its_input(sandbox: Sandbox) -> None:
    layers = "MaxPooling2D(14), MaxPooling2D(4, padding='same', name='pool')"
    assert pool_larger_than_input(model_of(sandbox, layers)) == Remark(
        "pool-larger-than-input",
        "Layer 2, MaxPooling2D (pool), lays a 4×4 pool on a 2×2 feature map.",
        "Most of the pool lies on padding, and pooling has made the feature maps so small before "
        "that nothing is left to pool.",
        "Look at the outputs in the table, and leave out this pooling or one before it.",
        1,
    )
    fits = "MaxPooling2D(14), MaxPooling2D(2, padding='same'), Conv2D(3, 3, padding='same')"
    assert pool_larger_than_input(model_of(sandbox, fits)) is None


def test_a_convolution_of_one_pixel(sandbox: Sandbox) -> None:
    layers = "MaxPooling2D(28), Conv2D(8, 3, padding='same', name='conv')"
    assert convolves_one_pixel(model_of(sandbox, layers)) == Remark(
        "convolves-one-pixel",
        "Layer 2, Conv2D (conv), lays a 3×3 kernel on a feature map of one pixel.",
        "8 of its 9 weights for each channel meet nothing but padding: pooling or stride has made "
        "the feature maps too small before.",
        "Look at the outputs in the table, and leave out a pooling before it.",
        1,
    )
    for fine in (
        "MaxPooling2D(28), Conv2D(8, 1)",
        "MaxPooling2D((28, 14)), Conv2D(8, 3, padding='same')",
        "MaxPooling2D(28), Reshape((1, 1)), Conv1D(8, 3, padding='same')",
    ):
        assert convolves_one_pixel(model_of(sandbox, fine)) is None


# --- the last activation and the loss --------------------------------------------------------

DENSE = "Flatten(), Dense(10, name='d')"
SOFTMAX = "Flatten(), Dense(10, activation='softmax', name='d')"
FROM_LOGITS = "losses.SparseCategoricalCrossentropy(from_logits=True)"


def test_softmax_and_once_more_in_the_loss(sandbox: Sandbox) -> None:
    assert softmax_twice(compiled(sandbox, SOFTMAX, FROM_LOGITS)) == Remark(
        "softmax-twice",
        "Layer 2, Dense (d), applies softmax, and the loss has from_logits=True.",
        "Then the loss applies softmax once more, to probabilities instead of scores: they become "
        "nearly equal, and the loss cannot get near 0.",
        "Take out one of the two and compare the loss after the first epoch.",
        1,
    )
    for fine in (
        compiled(sandbox, DENSE, FROM_LOGITS),
        compiled(sandbox, SOFTMAX, "'sparse_categorical_crossentropy'"),
        model_of(sandbox, SOFTMAX),
    ):
        assert softmax_twice(fine) is None


def test_scores_for_a_loss_that_takes_probabilities(sandbox: Sandbox) -> None:
    said = Remark(
        "softmax-missing",
        "Layer 2, Dense (d), has no softmax, and the loss takes probabilities.",
        "Scores below 0 or above 1 are no probabilities, so the loss does not measure how wrong "
        "they are.",
        'Set activation="softmax" there, or from_logits=True in the loss, and compare the loss '
        "after the first epoch.",
        1,
    )
    for loss in ("'categorical_crossentropy'", "losses.SparseCategoricalCrossentropy()"):
        assert softmax_missing(compiled(sandbox, DENSE, loss)) == said
    for fine in (
        compiled(sandbox, DENSE, FROM_LOGITS),
        compiled(sandbox, DENSE, "'mse'"),
        compiled(sandbox, SOFTMAX, "'categorical_crossentropy'"),
        compiled(sandbox, f"{DENSE}, Softmax()", "'categorical_crossentropy'"),
        compiled(sandbox, "Conv2D(3, 3)", "'categorical_crossentropy'"),
        model_of(sandbox, DENSE),
    ):
        assert softmax_missing(fine) is None


def test_softmax_over_one_unit(sandbox: Sandbox) -> None:
    one = "Flatten(), Dense(1, activation='softmax', name='d'), Dropout(0.1)"
    assert softmax_of_one(model_of(sandbox, one)) == Remark(
        "softmax-of-one",
        "Layer 2, Dense (d), applies softmax to one number.",
        "Softmax makes the outputs sum to 1, so one output alone is 1 for every image.",
        "Print the output for two images; take sigmoid for one number, or one unit for each class.",
        1,
    )
    for fine in (SOFTMAX, "Flatten(), Dense(1, activation='sigmoid')"):
        assert softmax_of_one(model_of(sandbox, fine)) is None


def test_sigmoid_on_classes_of_which_one_is_right(sandbox: Sandbox) -> None:
    layers = "Flatten(), Dense(10, activation='sigmoid', name='d')"
    said = Remark(
        "sigmoid-on-classes",
        "Layer 2, Dense (d), applies sigmoid to 10 classes, of which an image has one.",
        "Each output is computed for itself, so together they do not sum to 1: they are not the "
        "probabilities of the classes.",
        "Print the sum of the outputs for one image; with softmax it is 1.",
        1,
    )
    evidence = model_of(sandbox, layers)
    assert sigmoid_on_classes(replace(evidence, training=trained(LEARNS))) == said
    assert sigmoid_on_classes(compiled(sandbox, layers, "'categorical_crossentropy'")) == said
    # Several labels for an image are what sigmoid is for.
    assert sigmoid_on_classes(compiled(sandbox, layers, "'binary_crossentropy'")) is None
    assert sigmoid_on_classes(evidence) is None
    two = model_of(sandbox, "Flatten(), Dense(2, activation='sigmoid')")
    assert sigmoid_on_classes(replace(two, training=trained(LEARNS))) is None


# --- learning --------------------------------------------------------------------------------


def test_a_first_loss_far_above_that_of_guessing(sandbox: Sandbox) -> None:
    evidence = model_of(sandbox, DENSE)
    high = replace(LEARNS, first_loss=11.42)
    assert first_loss(replace(evidence, training=trained(high))) == Remark(
        "first-loss",
        "The loss of the first batch was 11.4; the same probability for each of 10 classes gives "
        "ln(10) = 2.3.",
        "Before it has learned anything the network is sure of wrong answers: what reaches its "
        "output is too large, or is not made into probabilities by softmax.",
        "Evaluate the fresh model on one batch; look at the last activation, and divide the "
        "images by 255 where nothing has.",
    )
    for loss in (None, 2.3, 4.5):
        run = replace(LEARNS, first_loss=loss)
        assert first_loss(replace(evidence, training=trained(run))) is None
    maps = model_of(sandbox, "Conv2D(10, 3)")
    assert first_loss(replace(maps, training=trained(high))) is None


def test_not_even_a_single_batch(sandbox: Sandbox) -> None:
    evidence = model_of(sandbox, DENSE)
    stuck = replace(GUESSES, one_batch=OneBatch(32, 60, 2.31, 2.29))
    assert not_even_one_batch(replace(evidence, training=trained(stuck))) == Remark(
        "one-batch",
        "It does not learn a single batch either: 32 images, shown 60 times, take the loss from "
        "2.31 to 2.29.",
        "A network that can learn at all learns so few images by heart. Nothing of the image gets "
        "through to the output, or the steps are far too large or too small.",
        "Print each layer's output for two images, and find the first layer behind which they "
        "are the same; train on one batch until its loss goes towards 0.",
    )
    learned = replace(GUESSES, one_batch=OneBatch(32, 60, 2.31, 0.2))
    for fine in (LEARNS, GUESSES, learned, replace(LEARNS, one_batch=stuck.one_batch)):
        assert not_even_one_batch(replace(evidence, training=trained(fine))) is None


def test_a_loss_that_does_not_move(sandbox: Sandbox) -> None:
    evidence = model_of(sandbox, DENSE)
    assert does_not_move(replace(evidence, training=trained(GUESSES))) == Remark(
        "does-not-move",
        "The loss does not move: 2.30 in the first epoch, 2.30 in the last.",
        "No change of the weights makes the output better: nothing of the image gets through to "
        "it, or the steps are far too large or too small.",
        "Train on a single batch of images: its loss must go towards 0. Where it does not, look "
        "at each layer's output for one image.",
    )
    moves = (Epoch(2.4, 0.1, 0.1), *FLAT)
    for fine in (LEARNS, replace(GUESSES, epochs=FLAT[:2]), replace(GUESSES, epochs=moves)):
        assert does_not_move(replace(evidence, training=trained(fine))) is None


def test_no_better_than_guessing(sandbox: Sandbox) -> None:
    evidence = model_of(sandbox, DENSE)
    assert at_chance(replace(evidence, training=trained(GUESSES))) == Remark(
        "at-chance",
        "It is right on 10 % of the test images; guessing one of 10 classes gives 10 %.",
        "It does no better on the images that it was trained on, so it is not that it has seen "
        "too few: it gives about the same for every image.",
        "Print the outputs for two images; then those of each layer before, until they differ.",
    )
    remembers = (*FLAT, Epoch(0.1, 0.9, 0.1))
    stopped = TrainingRun(1, None, (), "diverged")
    for fine in (LEARNS, replace(GUESSES, epochs=remembers), stopped):
        assert at_chance(replace(evidence, training=trained(fine))) is None
    assert at_chance(evidence) is None


RELUS = (
    "Conv2D(8, 3, activation='relu', name='a'), MaxPooling2D(), Conv2D(8, 3), ReLU(name='b'),"
    " Flatten(), Dense(32, activation='relu', name='c'), Dense(10)"
)


@pytest.mark.parametrize(
    ("shares", "index", "what"),
    [
        (
            (0.5, 1.0, 0.0),
            3,
            "After training, all feature maps of layer 4, ReLU (b), are 0 for every validation "
            "image.",
        ),
        (
            (0.5, 0.9, 0.96875),
            5,
            "After training, 96.9 % of the units of layer 6, Dense (c), are 0 for every "
            "validation image.",
        ),
    ],
)
def test_units_that_are_always_0(
    sandbox: Sandbox, shares: tuple[float, ...], index: int, what: str
) -> None:
    evidence = model_of(sandbox, RELUS)
    run = replace(GUESSES, silent=shares)
    assert silent_units(replace(evidence, training=trained(run))) == Remark(
        "silent-units",
        what,
        "relu gives 0 for all values below 0, and is flat there: such units learn nothing more, "
        "and nothing before them learns through them.",
        "Print this layer's output for a few images; look at the range of its input, and try a "
        "smaller learning rate.",
        index,
    )


@pytest.mark.parametrize("shares", [(), (0.9, 0.9, 0.9), (1.0,), (1.0, 1.0, 1.0, 1.0)])
def test_a_few_silent_units_are_no_fault(sandbox: Sandbox, shares: tuple[float, ...]) -> None:
    run = replace(GUESSES, silent=shares)
    assert silent_units(replace(model_of(sandbox, RELUS), training=trained(run))) is None
