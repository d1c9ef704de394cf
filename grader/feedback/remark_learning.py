"""Remarks on windows without pixels, on the last activation and the loss, and on learning."""

from __future__ import annotations

import math

from grader.feedback.remark_layers import activation_of, place, sizes_of
from grader.model.arithmetic import window_of
from grader.records import Evidence, ModelDescription, Remark, TrainingResult
from grader.words import show_percent

BEHIND = ("Dropout", "Activation", "Flatten", "Reshape")
"""What may stand behind the last layer with weights without being an activation."""
CROSSENTROPY = ("categoricalcrossentropy", "sparsecategoricalcrossentropy")
TOO_HIGH = 2.0
"""Times ln(classes): above this the first loss speaks of more than of unlucky first weights."""
CHANCE = 1.2
"""Times the share that guessing gives."""
FLAT = 0.01
"""Share of the loss by which it moves when nothing is learned."""


def pool_larger_than_input(evidence: Evidence) -> Remark | None:
    """A pool with more pixels than the feature map that it is laid on."""
    model = evidence.model
    for index, layer in enumerate(model.layers if model else ()):
        window = window_of(layer.type, layer.config)
        if model is None or window is None or "Pooling" not in layer.type:
            continue
        sizes = sizes_of(layer, layer.input_shape)
        pairs = list(zip(window.kernel, sizes, strict=False))
        if not any(n is not None and k > n for k, n in pairs):
            continue
        pool, given = ("×".join(map(str, row)) for row in zip(*pairs, strict=True))
        return Remark(
            "pool-larger-than-input",
            f"{place(model, index)}, lays a {pool} pool on a {given} feature map.",
            "Most of the pool lies on padding, and pooling has made the feature maps so small "
            "before that nothing is left to pool.",
            "Look at the outputs in the table, and leave out this pooling or one before it.",
            index,
        )
    return None


def convolves_one_pixel(evidence: Evidence) -> Remark | None:
    """A kernel that sees nothing but its own padding, because pooling came too often."""
    model = evidence.model
    for index, layer in enumerate(model.layers if model else ()):
        window = window_of(layer.type, layer.config)
        if model is None or window is None or "Conv" not in layer.type or len(window.kernel) < 2:
            continue
        sizes = sizes_of(layer, layer.input_shape)
        if set(sizes) != {1} or min(window.kernel) < 2:
            continue
        count = math.prod(window.kernel)
        kernel = "×".join(map(str, window.kernel))
        return Remark(
            "convolves-one-pixel",
            f"{place(model, index)}, lays a {kernel} kernel on a feature map of one pixel.",
            f"{count - 1} of its {count} weights for each channel meet nothing but padding: "
            "pooling or stride has made the feature maps too small before.",
            "Look at the outputs in the table, and leave out a pooling before it.",
            index,
        )
    return None


def _last(model: ModelDescription | None) -> int | None:
    """The layer that gives the model's output, or its activation; None where it is not plain."""
    if model is None or not model.linear or len(model.output_shapes) != 1 or not model.layers:
        return None
    index = len(model.layers) - 1
    while index and model.layers[index].type in BEHIND and not activation_of(model.layers[index]):
        index -= 1
    return index


def _units(model: ModelDescription) -> int:
    """Numbers that the model gives for one image; 0 where they are no row of numbers."""
    shape = model.output_shapes[0] if len(model.output_shapes) == 1 else ()
    return shape[0] or 0 if len(shape) == 1 else 0


def softmax_twice(evidence: Evidence) -> Remark | None:
    """Softmax at the end, and once more in the loss."""
    index, compiled = _last(evidence.model), evidence.compiled
    if index is None or evidence.model is None or compiled is None:
        return None
    softmax = activation_of(evidence.model.layers[index]) == "softmax"
    if not softmax or compiled.loss_config.get("from_logits") is not True:
        return None
    return Remark(
        "softmax-twice",
        f"{place(evidence.model, index)}, applies softmax, and the loss has from_logits=True.",
        "Then the loss applies softmax once more, to probabilities instead of scores: they become "
        "nearly equal, and the loss cannot get near 0.",
        "Take out one of the two and compare the loss after the first epoch.",
        index,
    )


def softmax_missing(evidence: Evidence) -> Remark | None:
    """Scores given to a loss that takes probabilities."""
    index, compiled = _last(evidence.model), evidence.compiled
    if index is None or evidence.model is None or compiled is None or compiled.loss is None:
        return None
    layer = evidence.model.layers[index]
    takes_probabilities = compiled.loss.replace("_", "").lower() in CROSSENTROPY
    if not takes_probabilities or compiled.loss_config.get("from_logits"):
        return None
    if layer.type != "Dense" or activation_of(layer) or _units(evidence.model) < 2:
        return None
    return Remark(
        "softmax-missing",
        f"{place(evidence.model, index)}, has no softmax, and the loss takes probabilities.",
        "Scores below 0 or above 1 are no probabilities, so the loss does not measure how wrong "
        "they are.",
        'Set activation="softmax" there, or from_logits=True in the loss, and compare the loss '
        "after the first epoch.",
        index,
    )


def softmax_of_one(evidence: Evidence) -> Remark | None:
    """Softmax over a single unit, which is always 1."""
    index = _last(evidence.model)
    if index is None or evidence.model is None or _units(evidence.model) != 1:
        return None
    if activation_of(evidence.model.layers[index]) != "softmax":
        return None
    return Remark(
        "softmax-of-one",
        f"{place(evidence.model, index)}, applies softmax to one number.",
        "Softmax makes the outputs sum to 1, so one output alone is 1 for every image.",
        "Print the output for two images; take sigmoid for one number, or one unit for each class.",
        index,
    )


def sigmoid_on_classes(evidence: Evidence) -> Remark | None:
    """Sigmoid where each image belongs to exactly one of several classes."""
    index, compiled = _last(evidence.model), evidence.compiled
    if index is None or evidence.model is None or _units(evidence.model) < 3:
        return None
    loss = compiled.loss if compiled else None
    exclusive = evidence.training or (loss or "").replace("_", "").lower() in CROSSENTROPY
    if not exclusive or activation_of(evidence.model.layers[index]) != "sigmoid":
        return None
    count = _units(evidence.model)
    return Remark(
        "sigmoid-on-classes",
        f"{place(evidence.model, index)}, applies sigmoid to {count} classes, of which an image "
        "has one.",
        "Each output is computed for itself, so together they do not sum to 1: they are not the "
        "probabilities of the classes.",
        "Print the sum of the outputs for one image; with softmax it is 1.",
        index,
    )


LEARNED = 0.8
"""Share of its first loss below which that of a single batch must fall."""
SILENT = 0.95
"""Share of a layer's units that are 0 for every image; fewer may be of use all the same."""


def _training(evidence: Evidence) -> TrainingResult | None:
    return next(iter(evidence.training.values()), None)


def first_loss(evidence: Evidence) -> Remark | None:
    """A first loss far above that of a network that gives all classes the same probability."""
    training, model = _training(evidence), evidence.model
    classes = _units(model) if model else 0
    loss = training.best.first_loss if training else None
    if loss is None or classes < 2 or loss < TOO_HIGH * math.log(classes):
        return None
    return Remark(
        "first-loss",
        f"The loss of the first batch was {loss:.1f}; the same probability for each of {classes} "
        f"classes gives ln({classes}) = {math.log(classes):.1f}.",
        "Before it has learned anything the network is sure of wrong answers: what reaches its "
        "output is too large, or is not made into probabilities by softmax.",
        "Evaluate the fresh model on one batch; look at the last activation, and divide the "
        "images by 255 where nothing has.",
    )


def silent_units(evidence: Evidence) -> Remark | None:
    """A layer nearly all of whose units give 0 for every validation image after training."""
    training, model = _training(evidence), evidence.model
    shares = training.best.silent if training else ()
    place_of = (
        [i for i, layer in enumerate(model.layers) if activation_of(layer) == "relu"]
        if (model)
        else []
    )
    dead = next((at for at, share in enumerate(shares) if share >= SILENT), None)
    if model is None or dead is None or len(place_of) != len(shares):
        return None
    index, share = place_of[dead], shares[dead]
    units = "units" if len(model.layers[index].output_shape) == 1 else "feature maps"
    many = f"all {units}" if share == 1 else f"{show_percent(share)} of the {units}"
    return Remark(
        "silent-units",
        f"After training, {many} of layer {index + 1}, {model.layers[index].type} "
        f"({model.layers[index].name[:60]}), are 0 for every validation image.",
        "relu gives 0 for all values below 0, and is flat there: such units learn nothing more, "
        "and nothing before them learns through them.",
        "Print this layer's output for a few images; look at the range of its input, and try a "
        "smaller learning rate.",
        index,
    )


def not_even_one_batch(evidence: Evidence) -> Remark | None:
    """A fresh model that does not learn a few images by heart."""
    training, model = _training(evidence), evidence.model
    few = training.best.one_batch if training else None
    if few is None or model is None or not _guesses(model, training):
        return None
    if few.last_loss < LEARNED * few.first_loss:
        return None
    return Remark(
        "one-batch",
        f"It does not learn a single batch either: {few.images} images, shown {few.steps} times, "
        f"take the loss from {few.first_loss:.2f} to {few.last_loss:.2f}.",
        "A network that can learn at all learns so few images by heart. Nothing of the image gets "
        "through to the output, or the steps are far too large or too small.",
        "Print each layer's output for two images, and find the first layer behind which they "
        "are the same; train on one batch until its loss goes towards 0.",
    )


def does_not_move(evidence: Evidence) -> Remark | None:
    """A loss that stays where it was, at the accuracy of guessing."""
    training, model = _training(evidence), evidence.model
    epochs = training.best.epochs if training else ()
    if model is None or len(epochs) < 3 or not _guesses(model, training):
        return None
    first, last = epochs[0].loss, epochs[-1].loss
    if abs(last - first) > FLAT * abs(first):
        return None
    return Remark(
        "does-not-move",
        f"The loss does not move: {first:.2f} in the first epoch, {last:.2f} in the last.",
        "No change of the weights makes the output better: nothing of the image gets through to "
        "it, or the steps are far too large or too small.",
        "Train on a single batch of images: its loss must go towards 0. Where it does not, look "
        "at each layer's output for one image.",
    )


def at_chance(evidence: Evidence) -> Remark | None:
    """No better than guessing, on the training images too."""
    training, model = _training(evidence), evidence.model
    if training is None or model is None or not _guesses(model, training):
        return None
    accuracy, classes = training.best.accuracy or 0.0, _units(model)
    return Remark(
        "at-chance",
        f"It is right on {show_percent(accuracy)} of the test images; guessing one of {classes} "
        f"classes gives {show_percent(1 / classes)}.",
        "It does no better on the images that it was trained on, so it is not that it has seen "
        "too few: it gives about the same for every image.",
        "Print the outputs for two images; then those of each layer before, until they differ.",
    )


def _guesses(model: ModelDescription, training: TrainingResult | None) -> bool:
    classes, best = _units(model), training.best if training else None
    if best is None or best.accuracy is None or classes < 2 or not best.epochs:
        return False
    return max(best.accuracy, best.epochs[-1].accuracy) <= CHANCE / classes
