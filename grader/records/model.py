"""A model as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from grader.records.plain import Plain, Shape


@dataclass(frozen=True, slots=True)
class LayerDescription:
    """One layer, in Keras's own names."""

    name: str
    type: str
    """The Keras class name, such as ``Conv2D``."""
    config: Mapping[str, Plain]
    """``get_config()`` without name, dtype and nested class wrappers: ``"relu"``, not a dict."""
    input_shapes: tuple[Shape, ...]
    output_shapes: tuple[Shape, ...]
    params: int
    trainable_params: int
    multiply_adds: int
    """For one image; biases, activations and pooling are not counted."""
    receptive_field: tuple[int, ...] | None
    """Pixels of the model's input that one output value can see, by axis; None once mixed."""
    inbound: tuple[int, ...]
    """Indices of the layers that feed it; empty for one that reads the model's input."""
    calls: int = 1
    """How often it is applied; more than once for a shared layer."""

    @property
    def output_shape(self) -> Shape:
        return self.output_shapes[0]

    @property
    def input_shape(self) -> Shape:
        return self.input_shapes[0]


@dataclass(frozen=True, slots=True)
class ModelDescription:
    """A model as plain values. Input layers are left out, nested models are unfolded."""

    layers: tuple[LayerDescription, ...]
    """In the order of execution."""
    input_shapes: tuple[Shape, ...]
    output_shapes: tuple[Shape, ...]
    total_params: int
    trainable_params: int
    multiply_adds: int
    receptive_field: tuple[int, ...] | None
    rebuilt: bool
    """False when custom layers kept it inside the walls."""

    @property
    def non_trainable_params(self) -> int:
        return self.total_params - self.trainable_params

    @property
    def edges(self) -> tuple[tuple[int, int], ...]:
        """Pairs of layer indices, from feeder to fed."""
        return tuple((i, j) for j, layer in enumerate(self.layers) for i in layer.inbound)

    @property
    def linear(self) -> bool:
        """Whether each layer reads exactly the one before it."""
        return all(
            layer.inbound == ((i - 1,) if i else ()) and layer.calls == 1
            for i, layer in enumerate(self.layers)
        )


@dataclass(frozen=True, slots=True)
class CompileDescription:
    """What the student passed to ``compile``, in Keras's names; None where nothing was passed."""

    optimizer: str | None
    optimizer_config: Mapping[str, Plain]
    loss: str | None
    loss_config: Mapping[str, Plain]
    metrics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OutputSample:
    """What the rebuilt model, with fresh weights, gives for a seeded batch of images."""

    images: int
    minimum: float
    maximum: float
    largest_sum_error: float
    """max |1 − Σ outputs| over the images, all outputs of an image summed."""
