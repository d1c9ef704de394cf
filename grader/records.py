"""The values that pass between stages: frozen, plain, and writable as JSON.

A shape never holds the batch axis: ``(28, 28, 1)``, not ``(None, 28, 28, 1)``.
A cell is counted among the code cells of a notebook, from 1; a script has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Shape = tuple[int | None, ...]
Plain = None | bool | int | float | str | list[Any] | dict[str, Any]
"""What JSON can hold."""

ProblemKind = Literal[
    "missing",  # the asked-for name is not there
    "unsolved",  # the stub as it was handed out
    "syntax",  # Python cannot read the statement that defines the name
    "raised",  # the student's code raised
    "timeout",
    "memory",
    "output",  # printed, or answered, more than is read
    "not_a_model",
    "custom_layer",
    "forbidden",  # a layer or setting that is never rebuilt
    "unreadable",  # the file, or the answer, cannot be read
]


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an exercise of a submission could not be graded as asked, in the student's terms."""

    kind: ProblemKind
    message: str
    cell: int | None = None
    line: int | None = None
    source: str | None = None
    """The student's own source line."""


# --- submission -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Statement:
    """One top-level statement of a submission, with the place it came from."""

    source: str
    cell: int | None
    line: int
    """Of its first line (decorators included), counted from 1 within the cell or script."""


@dataclass(frozen=True, slots=True)
class BrokenStatement:
    """A stretch of source that Python cannot read."""

    source: str
    cell: int | None
    line: int
    message: str
    """Python's own explanation."""
    error_line: int
    """The line, within the cell or script, that Python points to."""
    names: tuple[str, ...]
    """What it seems to define."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A notebook or script, read but not run."""

    path: str
    sha256: str
    kind: Literal["notebook", "script"]
    statements: tuple[Statement, ...]
    broken: tuple[BrokenStatement, ...]
    assignment_id: str | None
    """The notebook's metadata ``grader.assignment``."""


@dataclass(frozen=True, slots=True)
class Program:
    """The statements that one name depends on, in the order in which they run."""

    name: str
    statements: tuple[Statement, ...]
    cell: int | None
    line: int
    """Where the name is last defined."""
    assumptions: tuple[str, ...] = ()


# --- model ----------------------------------------------------------------------------------


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
    """max |1 − Σ outputs| over the images, summed along the last axis."""


# --- training -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Epoch:
    """One pass over the training images."""

    loss: float
    accuracy: float
    val_accuracy: float


@dataclass(frozen=True, slots=True)
class TrainingRun:
    """One training from one seed."""

    seed: int
    accuracy: float | None
    """On the test images; None when the run did not finish."""
    epochs: tuple[Epoch, ...]
    outcome: Literal["finished", "diverged", "timeout", "memory", "unsuited"]
    """``diverged``: the loss became NaN or infinite. ``unsuited``: input or output do not fit
    the data set, so that nothing was trained."""


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """All runs of one ``training`` check; the best one counts."""

    runs: tuple[TrainingRun, ...]
    test_images: int
    seconds: float
    cached: bool

    @property
    def best(self) -> TrainingRun:
        return max(self.runs, key=lambda run: -1.0 if run.accuracy is None else run.accuracy)


# --- evidence and results -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Returned:
    """What the student's function gave for one case: a value, or why there is none."""

    value: Any = None
    """Plain values and NumPy arrays; a tuple arrives as a list."""
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class CustomFinding:
    """What a check that the author wrote found."""

    credit: float
    where: str = ""
    detail: str = ""
    why: str = ""
    fix: str = ""
    expected: Plain = None
    got: Plain = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that the checks of one exercise may look at."""

    input_shape: Shape | None = None
    model: ModelDescription | None = None
    compiled: CompileDescription | None = None
    sample: OutputSample | None = None
    training: Mapping[str, TrainingResult] = field(default_factory=dict)
    """By check id."""
    returned: Mapping[str, tuple[Returned, ...]] = field(default_factory=dict)
    """By check id, one for each case."""
    expected: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    """By check id, one value for each case: what the assignment says or the solution gives."""
    responses: Mapping[str, Any] = field(default_factory=dict)
    """By check id: arrays that the model gave for given images."""
    custom: Mapping[str, CustomFinding] = field(default_factory=dict)
    """By check id."""
    answers: Mapping[str, Any] | None = None


CheckStatus = Literal["passed", "partial", "failed", "skipped", "error"]
Visibility = Literal["visible", "hidden"]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one check says, as far as a report tells it."""

    id: str
    type: str
    status: CheckStatus
    score: float
    max_score: float
    message: str
    expected: Plain
    got: Plain
    hint: str | None
    visibility: Visibility
    layers: tuple[LayerNote, ...] = ()
    """Marks for the report's layer table; not part of the JSON report."""


@dataclass(frozen=True, slots=True)
class LayerNote:
    """What a check says of one layer of the found model."""

    index: int
    """Into ``ModelDescription.layers``."""
    verdict: Literal["ok", "wrong", "follows", "extra"]
    """``follows``: right in itself, its output differs only because of a layer above."""
    text: str


@dataclass(frozen=True, slots=True)
class ExerciseReport:
    """One exercise of a graded submission."""

    id: str
    title: str
    score: float
    max_score: float
    found: str | None
    """The name under which the student's work was found."""
    cell: int | None
    assumptions: tuple[str, ...]
    error: Problem | None
    model: ModelDescription | None
    training: TrainingResult | None
    checks: tuple[CheckResult, ...]


@dataclass(frozen=True, slots=True)
class Seconds:
    """How long each stage took."""

    read: float
    build: float
    checks: float
    train: float
    total: float


@dataclass(frozen=True, slots=True)
class Environment:
    """With what it was graded."""

    grader: str
    python: str
    tensorflow: str
    keras: str
    sandbox: str


@dataclass(frozen=True, slots=True)
class Report:
    """One graded submission."""

    assignment: str
    title: str
    path: str
    student: str | None
    sha256: str
    status: Literal["graded", "needs_review"]
    score: float
    max_score: float
    exercises: tuple[ExerciseReport, ...]
    seconds: Seconds
    environment: Environment
