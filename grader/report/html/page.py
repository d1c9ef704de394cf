"""The page of one submission: what a student reads, and whoever is asked about the grade."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from grader.records import Repair
from grader.report.html.charts import training_curves
from grader.report.html.engine import render
from grader.report.html.layers import LayerRow, LeftOut, layer_rows, shortened
from grader.report.html.sides import Sides, beside
from grader.report.html.volumes import Step, way
from grader.report.repairs import repair_words
from grader.report.terminal import KINDS

DRAWN, LISTED = 40, 300
"""Layers of a long model that are drawn, and that are in the table."""


@dataclass(frozen=True, slots=True)
class Check:
    """A check's result, and what was expected beside what was got where that can be laid out."""

    told: Mapping[str, Any]
    sides: Sides | None


@dataclass(frozen=True, slots=True)
class Exercise:
    """One exercise of the report, and what is drawn of it."""

    told: Mapping[str, Any]
    mark: str
    """Begins the ids of all that belongs to it."""
    checks: Sequence[Check]
    waits: bool
    """Whether its checks were not made because of its error."""
    aim: str
    """What the ways to change the model would bring."""
    ways: Sequence[str]
    remarks: Sequence[tuple[Mapping[str, Any], str]]
    """Each with the layer that it is about, in words, or nothing."""
    rows: Sequence[LayerRow | LeftOut]
    steps: Sequence[Step | LeftOut]
    curves: Sequence[Markup]


def report_page(report: Mapping[str, Any], back: str | None = None) -> str:
    """One self-contained page.

    Args:
        report: as JSON, schema 1 (``report_as_json``).
        back: the address of the class's page, for a link to it.
    """
    return render(
        "report.html.jinja",
        report=report,
        back=back,
        kinds=KINDS,
        undecided=any(
            check["status"] == "error"
            for exercise in report["exercises"]
            for check in exercise["checks"]
        ),
        exercises=[
            _exercise(exercise, f"e{place}") for place, exercise in enumerate(report["exercises"])
        ],
    )


def _exercise(exercise: Mapping[str, Any], mark: str) -> Exercise:
    model, checks, training = (exercise[key] for key in ("model", "checks", "training"))
    rows = layer_rows(model, checks) if model else []
    repairs = [Repair(**repair) for repair in exercise.get("repairs", ())]
    aim, ways = repair_words(repairs) if repairs else ("", ())
    steps = way(model.get("input_shapes", ()), list(shortened(rows, DRAWN))) if model else []
    return Exercise(
        told=exercise,
        mark=mark,
        checks=[Check(check, _sides(check)) for check in checks],
        waits=exercise["error"] is not None and all(c["status"] != "error" for c in checks),
        aim=aim,
        ways=ways,
        remarks=list(_remarks(exercise.get("remarks", ()), rows)),
        rows=list(shortened(rows, LISTED)),
        steps=steps,
        curves=training_curves(training["epochs"], mark) if training else (),
    )


def _sides(check: Mapping[str, Any]) -> Sides | None:
    """What passed needs no comparing."""
    if check["status"] not in ("failed", "partial"):
        return None
    return beside(check["expected"], check["got"], check["type"])


def _remarks(
    remarks: Sequence[Mapping[str, Any]], rows: Sequence[LayerRow]
) -> Iterator[tuple[Mapping[str, Any], str]]:
    for remark in remarks:
        place = remark.get("layer")
        if place is None or place >= len(rows):
            yield remark, ""
        else:
            yield remark, f"Layer {place + 1}, {rows[place].words}"
