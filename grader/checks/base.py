"""What every check shares: its settings, its finding, and how a finding becomes a result.

A check is a pair: a pydantic model of its settings (a subclass of ``CheckSpec``) and a pure
function from those settings and the evidence to a ``Finding``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from grader.records import CheckResult, CheckStatus, Evidence, LayerNote, Plain, Visibility

HintLevel = Literal["none", "where", "why", "fix"]
Points = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class CheckSpec(BaseModel):
    """The settings that every check takes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: str
    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]*$", max_length=100)] = ""
    """Default: the check's type; made unique by the assignment."""
    points: Points = 0
    needs: tuple[str, ...] = ()
    """Ids of checks of the same exercise; this one is skipped when one of them did not pass."""
    hint: HintLevel | None = None
    """Default: the assignment's ``hints``."""
    visibility: Visibility = "visible"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check saw. ``credit`` is the share of the points earned, from 0 to 1."""

    credit: float
    where: str
    """Names the layer, case or answer; the whole sentence when all is well."""
    detail: str = ""
    """Expected and got, in one sentence."""
    why: str = ""
    """The arithmetic, or the reason."""
    fix: str = ""
    """What to try."""
    expected: Plain = None
    got: Plain = None
    layers: tuple[LayerNote, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckType:
    """A row of the table of checks."""

    spec: type[CheckSpec]
    run: Callable[..., Finding]
    """``run(spec, evidence)``; reads nothing else."""
    asks: Literal["build", "function", "answers", "any"]
    """The kind of exercise it belongs to."""


def run_check(
    check: CheckType, spec: CheckSpec, evidence: Evidence, level: HintLevel
) -> CheckResult:
    """Run one check and tell of its finding as much as ``level`` allows.

    A check that passed says so in full: there is nothing to give away. A hidden check tells
    nothing but its status, whatever the level.
    """
    finding = check.run(spec, evidence)
    # In this order NaN earns nothing.
    credit = min(max(0.0, finding.credit), 1.0)
    status: CheckStatus = "passed" if credit == 1 else "partial" if credit > 0 else "failed"
    score = spec.points * credit
    if spec.visibility == "hidden":
        return hidden_result(spec, status, score)
    told = HINT_LEVELS.index("fix" if status == "passed" else level)
    detail_told = told >= HINT_LEVELS.index("why")
    message = [finding.where] if told >= HINT_LEVELS.index("where") else []
    hint = []
    if detail_told:
        message.append(finding.detail)
        hint.append(finding.why)
    if told >= HINT_LEVELS.index("fix"):
        hint.append(finding.fix)
    return CheckResult(
        id=spec.id,
        type=spec.type,
        status=status,
        score=score,
        max_score=spec.points,
        message=" ".join(filter(None, message)) or "Not passed.",
        expected=finding.expected if detail_told else None,
        got=finding.got if detail_told else None,
        hint=" ".join(filter(None, hint)) or None,
        visibility=spec.visibility,
        layers=finding.layers if detail_told else (),
    )


def hidden_result(spec: CheckSpec, status: CheckStatus, score: float) -> CheckResult:
    """Give the result of a hidden check: its status and score, and not a word more."""
    return CheckResult(
        id=spec.id,
        type=spec.type,
        status=status,
        score=score,
        max_score=spec.points,
        message="A hidden check.",
        expected=None,
        got=None,
        hint=None,
        visibility="hidden",
    )


def all_are(count: int, noun: str) -> str:
    """``All 3 cases are``, ``Both cases are``, ``The case is``."""
    if count == 1:
        return f"The {noun} is"
    return f"Both {noun}s are" if count == 2 else f"All {count} {noun}s are"


def some_are(right: int, count: int, noun: str) -> str:
    """``1 of 3 cases is``, ``2 of 3 cases are``."""
    return f"{right} of {count} {noun}s {'is' if right == 1 else 'are'}"


HINT_LEVELS: tuple[HintLevel, ...] = ("none", "where", "why", "fix")
