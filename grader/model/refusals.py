"""The three ways to refuse a claimed architecture."""

from __future__ import annotations

from grader.errors import SubmissionError
from grader.records import Problem


def unreadable(what: str) -> SubmissionError:
    """For a description that is not in the form that Keras saves."""
    return SubmissionError(
        Problem("unreadable", f"The model's description cannot be read: {what}.")
    )


def forbidden(message: str) -> SubmissionError:
    """For something of Keras's own that is never rebuilt."""
    return SubmissionError(Problem("forbidden", message))


def custom(name: str) -> SubmissionError:
    """For a class or function that is not Keras's own."""
    return SubmissionError(
        Problem(
            "custom_layer",
            f"{name[:80]} is not one of Keras's own classes, so the model cannot be rebuilt from "
            "its description. Build it from Keras's layers, as Sequential or with keras.Model("
            "inputs, outputs).",
        )
    )
