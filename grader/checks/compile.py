"""``compile``: with what the student's model is to be trained.

What it checks
    The optimizer, loss and metrics that the student passed to ``compile``. Arguments of the
    optimizer are compared where the assignment lists them. The grader's own training does not
    use them.

Why it matters
    The loss must fit the labels: whole numbers need sparse categorical cross-entropy, one-hot
    rows categorical cross-entropy.

Passes
    check: {type: compile, expect: {optimizer: Adam, loss: sparse_categorical_crossentropy}}
    compiled: {optimizer: adam, loss: sparse_categorical_crossentropy}

Fails
    check: {type: compile, expect: {loss: sparse_categorical_crossentropy}}
    compiled: {optimizer: adam, loss: categorical_crossentropy}
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, model_validator

from grader.checks.base import CheckSpec, Finding
from grader.checks.patterns import Fault, LossName, MetricName, Optimizer, refuse
from grader.model.canonical import equal_value
from grader.records import CompileDescription, Evidence, Plain
from grader.words import join_words

LABELS = {
    "sparsecategoricalcrossentropy": "The labels are whole numbers, which the sparse form takes.",
    "categoricalcrossentropy": "The labels are one-hot rows, which the form that is not sparse "
    "takes.",
    "binarycrossentropy": "The labels are 0 or 1, for each output alone.",
}
"""What a loss takes, by its word."""

SHORT = {
    "acc": "accuracy",
    "bce": "binarycrossentropy",
    "kld": "kldivergence",
    "mae": "meanabsoluteerror",
    "mape": "meanabsolutepercentageerror",
    "mse": "meansquarederror",
    "msle": "meansquaredlogarithmicerror",
}
"""Keras's short names, as its long ones without underscores."""


class CompileSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    optimizer: Optimizer | None = None
    loss: LossName | None = None
    metrics: list[MetricName] | None = None

    @model_validator(mode="after")
    def _asks_something(self) -> CompileSettings:
        if self.optimizer is None and self.loss is None and not self.metrics:
            refuse([Fault((), "Ask for optimizer, loss or metrics.")])
        return self


class Compile(CheckSpec):
    type: Literal["compile"] = "compile"
    expect: CompileSettings
    """``optimizer``, ``loss`` and ``metrics``, as ``compile`` takes them."""


def check_compile(spec: Compile, evidence: Evidence) -> Finding:
    wanted, found = spec.expect, evidence.compiled
    expected = wanted.model_dump(exclude_none=True)
    if found is None:
        return Finding(
            0,
            "The model is not compiled.",
            "",
            "Without compile there is no optimizer and no loss to train with.",
            "Call model.compile(...) before the model is returned.",
            expected,
        )
    wrong = [fault for fault in (_optimizer(wanted, found), _loss(wanted, found)) if fault]
    wrong += _metrics(wanted, found)
    got: Plain = {
        "optimizer": found.optimizer,
        "loss": found.loss,
        "metrics": list(found.metrics),
    }
    asked = sum(map(bool, (wanted.optimizer, wanted.loss, wanted.metrics)))
    if not wrong:
        return Finding(1, "The model is compiled as asked.", expected=expected, got=got)
    return Finding(
        (asked - len(wrong)) / asked,
        "The model is not compiled as asked.",
        " ".join(wrong),
        _why_loss(wanted, found),
        "Change what you pass to compile.",
        expected,
        got,
    )


def _optimizer(wanted: CompileSettings, found: CompileDescription) -> str | None:
    if wanted.optimizer is None:
        return None
    if _word(found.optimizer) != _word(wanted.optimizer.type):
        has = found.optimizer or "not given"
        return f"The optimizer is {has}; expected {wanted.optimizer.type}."
    wrong = [
        f"{key} is {_show(found.optimizer_config.get(key))}; expected {value}."
        for key, value in wanted.optimizer.args.items()
        if not equal_value(key, value, found.optimizer_config.get(key))
    ]
    return " ".join(f"The optimizer's {fault}" for fault in wrong) or None


def _show(value: Plain) -> str:
    """A schedule by its name: ``ExponentialDecay``."""
    if isinstance(value, dict):
        value = value.get("class_name")
    return f"{value:.4g}" if isinstance(value, float) else str(value)[:60]


def _loss(wanted: CompileSettings, found: CompileDescription) -> str | None:
    if wanted.loss is None or _word(found.loss) == _word(wanted.loss):
        return None
    return f"The loss is {found.loss or 'not given'}; expected {wanted.loss}."


def _why_loss(wanted: CompileSettings, found: CompileDescription) -> str:
    """The usual mistake: a loss for another form of labels."""
    if _loss(wanted, found) is None or wanted.loss is None:
        return ""
    return LABELS.get(_word(wanted.loss), "")


def _metrics(wanted: CompileSettings, found: CompileDescription) -> list[str]:
    has = {_word(metric) for metric in found.metrics}
    lost = [metric for metric in wanted.metrics or [] if not _has_metric(_word(metric), has)]
    return [f"The metrics lack {join_words(lost)}."] if lost else []


def _has_metric(wanted: str, has: set[str]) -> bool:
    """``accuracy`` is met by its sparse and categorical forms, which Keras would choose."""
    return wanted in has or (wanted == "accuracy" and any(m.endswith("accuracy") for m in has))


def _word(name: str | None) -> str:
    """``sparse_categorical_crossentropy`` and ``SparseCategoricalCrossentropy`` alike."""
    word = (name or "").replace("_", "").lower()
    return SHORT.get(word, word)
