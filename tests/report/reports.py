"""Small reports, made by hand, for what only renders them."""

from __future__ import annotations

from dataclasses import replace

from grader.records import (
    CheckResult,
    Environment,
    Epoch,
    ExerciseReport,
    LayerDescription,
    LayerNote,
    ModelDescription,
    Report,
    Seconds,
    TrainingResult,
    TrainingRun,
)

CONV = LayerDescription(
    name="conv2d",
    type="Conv2D",
    config={
        "filters": 24,
        "kernel_size": [3, 3],
        "strides": [1, 1],
        "padding": "same",
        "activation": "relu",
    },
    input_shapes=((28, 28, 1),),
    output_shapes=((28, 28, 24),),
    params=240,
    trainable_params=240,
    multiply_adds=169_344,
    receptive_field=(3, 3),
    inbound=(),
)
POOL = LayerDescription(
    name="pool",
    type="MaxPooling2D",
    config={"pool_size": [2, 2], "strides": [2, 2], "padding": "valid"},
    input_shapes=((28, 28, 24),),
    output_shapes=((14, 14, 24),),
    params=0,
    trainable_params=0,
    multiply_adds=0,
    receptive_field=(4, 4),
    inbound=(0,),
)
MODEL = ModelDescription(
    layers=(CONV, POOL),
    input_shapes=((28, 28, 1),),
    output_shapes=((14, 14, 24),),
    total_params=240,
    trainable_params=240,
    multiply_adds=169_344,
    receptive_field=(4, 4),
    rebuilt=True,
)
RUN = TrainingRun(1, 0.9630, (Epoch(1.5, 0.6, 0.8), Epoch(0.25, 0.95, 0.96)), "finished")
TRAINING = TrainingResult((RUN,), test_images=270, seconds=1.26, cached=False)
FAILED = CheckResult(
    id="layers",
    type="layers",
    status="partial",
    score=20.0,
    max_score=40.0,
    message='Layer 1, Conv2D (conv2d), has padding="same". It gives 28×28×24; expected 26×26×24.',
    expected=["Conv2D"],
    got=["Conv2D"],
    hint='With padding="same" a 3×3 kernel and stride 1 keep 28. Try padding="valid".',
    visibility="visible",
    layers=(
        LayerNote(0, "wrong", "expected 26×26×24", (26, 26, 24)),
        LayerNote(1, "follows", "ok, follows from above"),
    ),
)
PASSED = CheckResult(
    id="learns",
    type="training",
    status="passed",
    score=60.0,
    max_score=60.0,
    message="96.3 % of 270 images it never saw; 95 % asked.",
    expected={"accuracy": 0.95},
    got={"accuracy": 0.963},
    hint=None,
    visibility="visible",
)
EXERCISE = ExerciseReport(
    id="cnn",
    title="Convolve, pool, classify",
    score=80.0,
    max_score=100.0,
    found="build_cnn",
    cell=4,
    assumptions=("The model names no input shape; it was built for (28, 28, 1).",),
    error=None,
    model=MODEL,
    training=TRAINING,
    checks=(FAILED, PASSED),
)
REPORT = Report(
    assignment="03-cnn-structure",
    title="A small CNN for handwritten digits",
    path="student.ipynb",
    student=None,
    sha256="ab" * 32,
    status="graded",
    score=80.0,
    max_score=100.0,
    exercises=(EXERCISE,),
    seconds=Seconds(0.1, 1.5, 0.01, 1.26, 2.9),
    environment=Environment("0.1.0", "3.11.7", "2.21.0", "3.15.1", "bwrap+namespaces"),
)


def with_exercise(**changes: object) -> Report:
    """The report with fields of its exercise replaced."""
    return replace(REPORT, exercises=(replace(EXERCISE, **changes),))  # type: ignore[arg-type]
