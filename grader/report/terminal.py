"""The report as a person reads it: 80 columns, plain when piped, colour on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import IO

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from grader.records import (
    CheckResult,
    ExerciseReport,
    LayerDescription,
    LayerNote,
    ModelDescription,
    Problem,
    Remark,
    Repair,
    Report,
    TrainingResult,
)
from grader.report.console import printing
from grader.report.escape import visible
from grader.report.repairs import repair_words
from grader.words import show_count, show_percent, show_points, show_shape

LAYERS_SHOWN = 40
COLOURS = {
    "passed": "green",
    "partial": "yellow",
    "failed": "red",
    "skipped": "bright_black",
    "error": "magenta",
    "ok": "green",
    "follows": "green",
    "wrong": "red",
    "extra": "yellow",
}
KINDS = {
    "missing": "not found",
    "unsolved": "not solved yet",
    "syntax": "syntax error",
    "raised": "error while running",
    "timeout": "out of time",
    "memory": "out of memory",
    "output": "too much output",
    "not_a_model": "not a model",
    "custom_layer": "custom layer",
    "forbidden": "not taken",
    "unreadable": "cannot be read",
}
"""A problem's kind, as a heading."""


def print_report(report: Report, stream: IO[str], hint: str | None = None) -> None:
    """Write a report to a stream.

    Args:
        report: what to show.
        stream: colour is used when it is a terminal and NO_COLOR is not set.
        hint: a last line, such as why a weaker sandbox was used.
    """
    with printing(stream) as console:
        console.print(_title(report))
        for exercise in report.exercises:
            console.print()
            for part in _exercise(exercise):
                console.print(part)
        console.print()
        console.print(_footer(report, hint))


def _title(report: Report) -> Table:
    score = f"{show_points(report.score)} / {show_points(report.max_score)}"
    line = Table.grid(expand=True, padding=(0, 2, 0, 0))
    line.add_column()
    line.add_column(ratio=1)
    line.add_column(justify="right", no_wrap=True)
    line.add_row(
        Text(visible(report.assignment, 60), "bold"),
        Text(visible(report.title, 300)),
        Text(score, "bold"),
    )
    return line


def _exercise(exercise: ExerciseReport) -> Iterator[Text | Padding]:
    yield _heading(exercise)
    if exercise.error:
        yield from _problem(exercise.error)
    if exercise.model:
        yield Padding(_layers(exercise.model, exercise.checks), (0, 0, 0, 2))
    if exercise.training:
        yield from _training(exercise.training)
    for assumption in exercise.assumptions:
        yield Padding(_assumed(visible(assumption, 400)), (0, 0, 0, 2))
    if exercise.error and not any(c.status == "error" for c in exercise.checks):
        count, lost = len(exercise.checks), show_points(exercise.max_score)
        waiting = f"Its {count} checks wait" if count > 1 else "Its check waits"
        yield _indented(Text(f"{waiting} for that: 0 of {lost}."), 2)
    else:
        yield Padding(_checks(exercise.checks), (0, 0, 0, 2))
    if exercise.repairs:
        yield from _repairs(exercise.repairs)
    if exercise.remarks:
        yield Padding(_remarks(exercise.remarks), (0, 0, 0, 2))


def _assumed(assumption: str) -> Table:
    """Its further lines begin further right: a stranger's words cannot look like a check's row."""
    row = Table.grid(padding=(0, 1, 0, 0))
    row.add_column(no_wrap=True)
    row.add_column(overflow="fold", ratio=1)
    row.add_row(Text("assumed:", "bright_black"), Text(assumption, "bright_black"))
    return row


def _heading(exercise: ExerciseReport) -> Text:
    heading = Text(visible(exercise.id, 60), "bold")
    if exercise.title != exercise.id:
        heading.append(f"  {visible(exercise.title, 200)}", "not bold")
    if exercise.found:
        place = f", cell {exercise.cell}" if exercise.cell else ""
        heading.append(f"  ({visible(exercise.found, 60)}{place})", "not bold bright_black")
    return heading


def _problem(problem: Problem) -> Iterator[Padding]:
    colour = "yellow" if problem.kind == "unsolved" else "red"
    place = [f"cell {problem.cell}"] if problem.cell else []
    place += [f"line {problem.line}"] if problem.line else []
    heading = Text(KINDS[problem.kind], colour)
    if place:
        heading.append(f"  {', '.join(place)}", "default")
    yield _indented(heading, 2)
    if problem.source:
        yield _indented(Text(visible(problem.source, 200), "bold"), 6)
    yield _indented(Text(visible(problem.message, 1000)), 4)


def _indented(text: Text, columns: int) -> Padding:
    return Padding(text, (0, 0, 0, columns))


def _layers(model: ModelDescription, checks: Iterable[CheckResult]) -> Table:
    """Layer, output shape, parameters, and what the checks say of it."""
    notes = _notes(checks)
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bright_black", show_edge=False)
    table.add_column("layer", ratio=3, overflow="fold")
    table.add_column("output", justify="right", no_wrap=True)
    table.add_column("parameters", justify="right", no_wrap=True)
    table.add_column("", ratio=3, overflow="fold")
    rows = list(enumerate(model.layers))
    for index, layer in _shortened(rows, notes):
        if layer is None:
            table.add_row(Text(f"… {index} more layers", "bright_black"), "", "", "")
            continue
        note = notes.get(index)
        table.add_row(
            Text(visible(layer_words(layer), 60)),
            Text(" ".join(show_shape(shape) for shape in layer.output_shapes[:2])),
            Text(show_count(layer.params)),
            Text(visible(note.text, 120), COLOURS[note.verdict]) if note else Text(),
        )
    where = "" if model.rebuilt else " (described inside the sandbox)"
    table.add_row(Text(f"in all{where}", "bright_black"), "", show_count(model.total_params), "")
    return table


def _notes(checks: Iterable[CheckResult]) -> dict[int, LayerNote]:
    """What is said of each layer; what is wrong goes before what is right."""
    notes: dict[int, LayerNote] = {}
    for check in checks:
        for note in check.layers:
            known = notes.get(note.index)
            if known is None or known.verdict in ("ok", "follows"):
                notes[note.index] = note
    return notes


def _shortened(
    rows: list[tuple[int, LayerDescription]], notes: dict[int, LayerNote]
) -> Iterator[tuple[int, LayerDescription | None]]:
    """All layers, or of a long model the first, the last and the wrong ones."""
    if len(rows) <= LAYERS_SHOWN:
        yield from rows
        return
    half = LAYERS_SHOWN // 2
    wrong = [i for i, note in notes.items() if note.verdict in ("wrong", "extra")][:half]
    kept = {*range(half), *range(len(rows) - half, len(rows)), *wrong}
    left_out = 0
    for index, layer in rows:
        if index in kept:
            if left_out:
                yield left_out, None
            left_out = 0
            yield index, layer
        else:
            left_out += 1


def layer_words(layer: LayerDescription) -> str:
    """``Conv2D 24, 3×3``, ``MaxPooling2D 2×2``, ``Dense 10``."""
    config = layer.config
    parts = [str(config[key]) for key in ("filters", "units", "rate") if key in config]
    for key in ("kernel_size", "pool_size"):
        size = config.get(key)
        if isinstance(size, list):
            parts.append("×".join(map(str, size)))
    strides, pool = config.get("strides"), config.get("pool_size", [1, 1])
    if isinstance(strides, list) and strides != pool and any(step != 1 for step in strides):
        parts.append(f"stride {'×'.join(map(str, strides))}")
    if config.get("padding") == "same":
        parts.append("same")
    activation = config.get("activation")
    if isinstance(activation, str) and activation != "linear":
        parts.append(activation)
    shared = f" ×{layer.calls}" if layer.calls > 1 else ""
    return f"{layer.type} {', '.join(parts)}".strip() + shared


def _training(training: TrainingResult) -> Iterator[Padding]:
    """The curve in a line: training and validation accuracy by epoch."""
    epochs = training.best.epochs
    if not epochs:
        return
    step = max(1, -(-len(epochs) // 8))
    shown = [epochs[i] for i in range(len(epochs)) if i % step == step - 1 or i == len(epochs) - 1]
    values = " ".join(f"{100 * epoch.val_accuracy:.0f}" for epoch in shown)
    cached = ", known from before" if training.cached else f", {training.seconds:.1f} s"
    line = Text(
        f"training: validation accuracy {values} % after {_counted(step, len(epochs))}; "
        f"loss {epochs[0].loss:.2f} → {epochs[-1].loss:.2f}{cached}",
        "bright_black",
    )
    yield _indented(line, 2)
    if len(training.runs) > 1:
        tried = ", ".join(
            f"seed {run.seed}: "
            + (show_percent(run.accuracy) if run.accuracy is not None else run.outcome)
            for run in training.runs
        )
        yield _indented(Text(tried, "bright_black"), 2)


def _counted(step: int, epochs: int) -> str:
    """Which epochs are shown."""
    return f"every {step} of {epochs} epochs" if step > 1 else f"{epochs} epochs"


def _checks(checks: Iterable[CheckResult]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold", max_width=16)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(ratio=1, overflow="fold")
    for check in checks:
        message = Text(visible(check.message))
        if check.hint and check.status != "passed":
            message.append(f" {visible(check.hint)}")
        table.add_row(
            Text(check.status, COLOURS[check.status]),
            Text(visible(check.id, 60)),
            Text(f"{show_points(check.score)}/{show_points(check.max_score)}"),
            message,
        )
    return table


def _repairs(repairs: Sequence[Repair]) -> Iterator[Padding]:
    """One way behind its heading, several in a list below it."""
    heading, ways = repair_words(repairs)
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(ratio=1, overflow="fold")
    alone = len(ways) == 1
    if not alone:
        yield _indented(Text(heading, "bold"), 2)
    for way in ways:
        table.add_row(Text(heading if alone else "-", "bold" if alone else ""), Text(visible(way)))
    yield Padding(table, (0, 0, 0, 2))


def _remarks(remarks: Iterable[Remark]) -> Table:
    """What costs no points, behind the checks and dimmer than they are."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(ratio=1, overflow="fold")
    for remark in remarks:
        said = visible(" ".join(filter(None, (remark.what, remark.why, remark.see))))
        table.add_row(Text("remark", "bright_black"), Text(said, "bright_black"))
    return table


def _footer(report: Report, hint: str | None) -> Text:
    environment = report.environment
    line = (
        f"{report.seconds.total:.1f} s · sandbox {environment.sandbox} · "
        f"TensorFlow {environment.tensorflow} · Keras {environment.keras}"
    )
    checks = [check for exercise in report.exercises for check in exercise.checks]
    if any(check.status == "error" for check in checks):
        line = (
            "Something could not be decided, and not through the student's fault: its points are "
            f"left out of the total, and this report needs a person's review.\n{line}"
        )
    elif report.status == "needs_review":
        line = (
            "What is said of a model with classes of the student's own is their program's word, "
            f"so this report needs a person's review.\n{line}"
        )
    return Text(f"{line}\n{hint}" if hint else line, "bright_black")
