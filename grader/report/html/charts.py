"""Curves of a training and the spread of a class's scores, drawn by matplotlib.

Matplotlib takes most of a second to import and some hundredths for a picture, so it is imported
when the first picture is made, and equal pictures are made once: in a class most trainings
come from the cache and are equal to the last digit.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from markupsafe import Markup

from grader.report.html.svg import inline_svg
from grader.words import show_percent, show_points

SIZE = (340, 210)
"""In CSS pixels: two side by side on a screen, one to a phone's width at full size."""
ONE, TWO, LINES = "#000001", "#000002", "#000003"
"""Stand for the page's colours, which know of night and day."""
COLOURS = {ONE: "var(--one)", TWO: "var(--two)", LINES: "var(--line)"}
_PIXELS_PER_INCH = 72
_MARKED = 20
"""Epochs up to which each has a mark of its own."""

Epoch = tuple[float | None, float | None, float | None]
"""Loss, accuracy, validation accuracy; None where it was no number."""


def training_curves(epochs: Sequence[Mapping[str, Any]], prefix: str) -> tuple[Markup, ...]:
    """Accuracy and loss by epoch; nothing for a training without epochs."""
    values = tuple((epoch["loss"], epoch["accuracy"], epoch["val_accuracy"]) for epoch in epochs)
    return _curves(values, prefix) if values else ()


@lru_cache(maxsize=256)
def _curves(epochs: tuple[Epoch, ...], prefix: str) -> tuple[Markup, Markup]:
    numbers = range(1, len(epochs) + 1)
    losses, accuracies, validation = (
        [float("nan") if value is None else value for value in column]
        for column in zip(*epochs, strict=True)
    )
    marks = len(epochs) <= _MARKED

    def accuracy(axes: Any) -> None:
        percent = [[100 * value for value in line] for line in (accuracies, validation)]
        axes.plot(numbers, percent[0], color=ONE, marker="o" if marks else "", label="training")
        axes.plot(
            numbers,
            percent[1],
            color=TWO,
            marker="s" if marks else "",
            linestyle="--",
            label="validation",
        )
        axes.set_ylabel("accuracy, %")
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False)

    def loss(axes: Any) -> None:
        axes.plot(numbers, losses, color=ONE, marker="o" if marks else "")
        axes.set_ylabel("training loss")
        axes.set_ylim(bottom=0)

    def by_epoch(draw: Callable[[Any], None]) -> Callable[[Any], None]:
        def drawn(axes: Any) -> None:
            draw(axes)
            axes.set_xlabel("epoch")
            axes.set_xlim(0.5, len(epochs) + 0.5)
            axes.xaxis.get_major_locator().set_params(integer=True)

        return drawn

    said = (
        f"Accuracy in training and in validation over {len(epochs)} epochs; validation "
        f"ends at {_percent(epochs[-1][2])}.",
        f"Training loss over {len(epochs)} epochs: from {_number(epochs[0][0])} to "
        f"{_number(epochs[-1][0])}.",
    )
    return (
        _picture(by_epoch(accuracy), f"{prefix}-accuracy", said[0]),
        _picture(by_epoch(loss), f"{prefix}-loss", said[1]),
    )


def histogram(counts: Sequence[int], top: float, unit: str, prefix: str) -> Markup:
    """How many scores are in each of equal parts of the range from 0 to ``top``."""
    step = top / len(counts)

    def bars(axes: Any) -> None:
        places = [step * (place + 0.5) for place in range(len(counts))]
        drawn = axes.bar(places, counts, width=0.9 * step, color=ONE)
        axes.bar_label(drawn, [str(count) if count else "" for count in counts])
        axes.set_xlim(0, top)
        axes.set_xticks([step * place for place in range(0, len(counts) + 1, 2)])
        axes.xaxis.set_major_formatter(lambda value, _: show_points(value))
        axes.set_xlabel(unit)
        axes.set_ylabel("submissions")
        axes.yaxis.get_major_locator().set_params(integer=True)
        axes.margins(y=0.12)

    said = f"Histogram of {sum(counts)} scores; the table has its numbers."
    return _picture(bars, prefix, said, size=(430, 230))


def _picture(
    draw: Callable[[Any], None], prefix: str, title: str, size: tuple[int, int] = SIZE
) -> Markup:
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure
    from matplotlib.style import context

    # After a reset, so that no file of settings in somebody's home changes a report.
    with context([_STYLE], after_reset=True):
        figure = Figure(figsize=(size[0] / _PIXELS_PER_INCH, size[1] / _PIXELS_PER_INCH))
        FigureCanvasSVG(figure)
        left, bottom = 52 / size[0], 40 / size[1]
        right, top = 1 - 10 / size[0], 1 - 30 / size[1]
        axes = figure.add_axes((left, bottom, right - left, top - bottom))
        draw(axes)
        written = io.StringIO()
        figure.savefig(written, format="svg", transparent=True, metadata={"Date": None})
    return inline_svg(written.getvalue(), prefix, title, COLOURS)


_STYLE = {
    "svg.fonttype": "none",  # text as text
    "svg.hashsalt": "grader",  # the same picture has the same ids
    "figure.dpi": _PIXELS_PER_INCH,
    "savefig.dpi": _PIXELS_PER_INCH,
    "font.size": 12,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "grid.color": LINES,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "lines.linewidth": 2,
    "lines.markersize": 5,
}


def _percent(share: float | None) -> str:
    return "no number" if share is None else show_percent(share)


def _number(loss: float | None) -> str:
    return "no number" if loss is None else f"{loss:.2f}"
