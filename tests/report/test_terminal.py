"""The report as text: exact where a person reads it, harmless whatever it holds."""

from __future__ import annotations

import io
import os
import pty
from dataclasses import replace

import pytest

from grader.records import (
    CheckResult,
    ModelDescription,
    Problem,
    Remark,
    Report,
    TrainingRun,
)
from grader.report.terminal import layer_words, print_report
from tests.report.reports import (
    CONV,
    FAILED,
    MODEL,
    PASSED,
    POOL,
    REPORT,
    RUN,
    TRAINING,
    with_exercise,
)

EXPECTED = """\
03-cnn-structure  A small CNN for handwritten digits                    80 / 100

cnn  Convolve, pool, classify  (build_cnn, cell 4)
  layer                         output  parameters
  Conv2D 24, 3×3, same, relu  28×28×24         240  expected 26×26×24
  MaxPooling2D 2×2            14×14×24           0  ok, follows from above
  in all                                       240
  training: validation accuracy 80 96 % after 2 epochs; loss 1.50 → 0.25, 1.3 s
  assumed: The model names no input shape; it was built for (28, 28, 1).
  partial  layers  20/40  Layer 1, Conv2D (conv2d), has padding="same". It gives
                          28×28×24; expected 26×26×24. With padding="same" a 3×3
                          kernel and stride 1 keep 28. Try padding="valid".
  passed   learns  60/60  96.3 % of 270 images it never saw; 95 % asked.

2.9 s · sandbox bwrap+namespaces · TensorFlow 2.21.0 · Keras 3.15.1
"""


def shown(report: Report, hint: str | None = None) -> str:
    stream = io.StringIO()
    print_report(report, stream, hint)
    return stream.getvalue()


def test_a_report_reads_as_a_page_of_plain_text() -> None:
    assert shown(REPORT) == EXPECTED


REMARKED = """\
  passed   learns  60/60  96.3 % of 270 images it never saw; 95 % asked.
  remark  Layer 1, Conv2D (a), has no activation. Together they collapse. Give
          it one \\x1b[31m and compare.
  remark  The loss does not move. Nothing gets through.

"""


def test_remarks_stand_behind_the_checks_and_are_made_harmless() -> None:
    remarks = (
        Remark(
            "no-activation",
            "Layer 1, Conv2D (a), has no activation.",
            "Together they collapse.",
            "Give it one \x1b[31m and compare.",
            0,
        ),
        Remark("does-not-move", "The loss does not move.", "Nothing gets through.", ""),
    )
    assert REMARKED in shown(with_exercise(remarks=remarks))


def test_no_line_is_wider_than_eighty_columns() -> None:
    wide = replace(CONV, name="x" * 300, type="Conv2D" * 20)
    report = with_exercise(
        title="A long title " * 20,
        assumptions=("An assumption without a break: " + "y" * 300,),
        model=replace(MODEL, layers=(wide, POOL)),
        checks=(replace(FAILED, id="i" * 90, message="word " * 200), PASSED),
    )
    assert max(map(len, shown(report).splitlines())) <= 80


def test_a_hint_stands_in_the_last_line() -> None:
    assert shown(REPORT, "No walls here.").splitlines()[-1] == "No walls here."


PROBLEM = """\
cnn  Convolve, pool, classify  (build_cnn, cell 4)
  error while running  cell 2, line 5
      model.add(layers.Conv2D(8, 5))
    ValueError: it does not fit.
  Its 2 checks wait for that: 0 of 100.
"""


def test_a_problem_is_shown_with_its_place_and_source_line() -> None:
    problem = Problem(
        "raised", "ValueError: it does not fit.", 2, 5, "model.add(layers.Conv2D(8, 5))"
    )
    report = with_exercise(error=problem, model=None, training=None, assumptions=(), score=0.0)
    assert PROBLEM in shown(report)


@pytest.mark.parametrize(
    "kind, heading",
    [
        ("missing", "not found"),
        ("unsolved", "not solved yet"),
        ("syntax", "syntax error"),
        ("raised", "error while running"),
        ("timeout", "out of time"),
        ("memory", "out of memory"),
        ("output", "too much output"),
        ("not_a_model", "not a model"),
        ("custom_layer", "custom layer"),
        ("forbidden", "not taken"),
        ("unreadable", "cannot be read"),
    ],
)
def test_each_kind_of_problem_has_a_heading(kind: str, heading: str) -> None:
    problem = Problem(kind, "Why.")  # type: ignore[arg-type]
    lines = shown(with_exercise(error=problem, model=None, training=None)).splitlines()
    assert f"  {heading}" in lines
    assert "    Why." in lines


def test_several_seeds_are_all_shown() -> None:
    runs = (
        replace(RUN, accuracy=0.94),
        TrainingRun(2, None, (), "timeout"),
        replace(RUN, seed=3, accuracy=0.951),
    )
    text = shown(with_exercise(training=replace(TRAINING, runs=runs)))
    assert "  seed 1: 94 %, seed 2: timeout, seed 3: 95.1 %\n" in text


def test_a_training_from_the_cache_says_so() -> None:
    text = shown(with_exercise(training=replace(TRAINING, cached=True)))
    assert "loss 1.50 → 0.25, known from before " in " ".join(text.split())


def test_a_long_curve_is_shown_by_at_most_nine_of_its_epochs() -> None:
    run = replace(RUN, epochs=RUN.epochs * 50)
    text = shown(with_exercise(training=replace(TRAINING, runs=(run,))))
    line = next(line for line in text.splitlines() if "training:" in line)
    assert len([word for word in line.partition(" % after")[0].split() if word.isdigit()]) <= 9


def test_a_report_for_review_says_that_it_is_not_the_students_fault() -> None:
    error = replace(PASSED, status="error", score=0.0, message="The data file is gone.")
    report = replace(with_exercise(checks=(error,)), status="needs_review")
    assert (
        "Something could not be decided, and not through the student's fault: its points "
        "are left out of the total, and this report needs a person's review. "
    ) in " ".join(shown(report).split())


def test_of_a_long_model_the_ends_and_the_wrong_layers_are_shown() -> None:
    model = replace(MODEL, layers=(CONV, *[POOL] * 98, CONV))
    wrong = replace(FAILED, layers=(replace(FAILED.layers[0], index=50),))
    lines = shown(with_exercise(model=model, checks=(wrong,))).splitlines()
    assert [line.strip() for line in lines if "more layers" in line] == [
        "… 30 more layers",
        "… 29 more layers",
    ]
    assert any("expected 26×26×24" in line for line in lines)


def test_what_is_wrong_with_a_layer_goes_before_what_is_right() -> None:
    right = replace(PASSED, layers=(replace(FAILED.layers[0], verdict="ok", text="ok"),))
    for checks in ((FAILED, right), (right, FAILED)):
        assert "240  expected 26×26×24" in shown(with_exercise(checks=checks))


@pytest.mark.parametrize(
    "config, words",
    [
        ({"filters": 8, "kernel_size": [3, 5]}, "Conv2D 8, 3×5"),
        ({"filters": 8, "kernel_size": [3, 3], "strides": [2, 2]}, "Conv2D 8, 3×3, stride 2×2"),
        ({"filters": 8, "padding": "valid", "activation": "linear"}, "Conv2D 8"),
        ({}, "Conv2D"),
        ({"pool_size": [2, 2], "strides": [2, 2]}, "Conv2D 2×2"),
        ({"kernel_size": "three"}, "Conv2D"),
    ],
)
def test_a_layer_in_words(config: dict[str, object], words: str) -> None:
    assert layer_words(replace(CONV, config=config)) == words  # type: ignore[arg-type]


def test_a_shared_layer_says_how_often_it_is_used() -> None:
    assert layer_words(replace(CONV, config={"filters": 8}, calls=3)) == "Conv2D 8 ×3"


EVIL = "\x1b]0;owned\x07\x1b[2J[bold red]x[/] :smile: \u202e\u200b\nline\ttab"


def poisoned() -> Report:
    """Every text that a student controls, poisoned."""
    layer = replace(CONV, name=EVIL, type=EVIL, config={"filters": EVIL, "activation": EVIL})
    check: CheckResult = replace(FAILED, message=EVIL, hint=EVIL)
    model: ModelDescription = replace(MODEL, layers=(layer,))
    return replace(
        with_exercise(
            found=EVIL,
            assumptions=(EVIL,),
            model=model,
            checks=(check,),
            error=Problem("raised", EVIL, 1, 2, EVIL),
        ),
        path=EVIL,
    )


def test_no_text_of_a_students_reaches_the_terminal_as_a_command() -> None:
    text = shown(poisoned())
    assert not {"\x1b", "\x07", "\u202e", "\u200b", "\t"} & set(text)
    assert "\\x1b]0;owned\\x07" in text
    assert "[bold red]x[/] :smile:" in " ".join(text.split())


@pytest.mark.parametrize("no_color, coloured", [(None, True), ("1", False)])
def test_colour_is_for_terminals_only_and_can_be_switched_off(
    no_color: str | None, coloured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    if no_color:
        monkeypatch.setenv("NO_COLOR", no_color)
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w", encoding="utf-8") as terminal:
        print_report(REPORT, terminal)
        terminal.flush()
        written = os.read(ours, 65_536).decode()
    os.close(ours)
    assert ("\x1b[32m" in written) == coloured
    assert "\x1b" not in shown(REPORT)
