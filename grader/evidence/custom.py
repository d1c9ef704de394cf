"""Running a check that the author wrote."""

from __future__ import annotations

import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

from grader.checks.custom import Custom
from grader.errors import UsageError
from grader.evidence.ask import Asking
from grader.evidence.work import Work
from grader.model.architecture import canonical_model
from grader.records import CustomFinding, Returned
from grader.words import show_number

MAX_BYTES = 2**20


def run_custom(
    asking: Asking, spec: Custom, folder: Path, work: Work, returned: tuple[Returned, ...]
) -> CustomFinding:
    """Run the author's function in a trusted fork. Raises UsageError where it fails."""
    path = folder / spec.file
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UsageError(f"The author's check {spec.file} is larger than 1 MiB.")
        source = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The author's check {spec.file} cannot be read: {error}.") from error
    request = {
        "source": source,
        "function": spec.function,
        "settings": spec.settings,
        "evidence": _plain_evidence(work, returned),
    }
    reply = asking.sandbox.ask_trusted("custom", request, asking.build_limits)
    if reply.ending != "answered":
        if reply.ending == "timeout":
            seconds = show_number(asking.build_limits.seconds)
            raise UsageError(f"The author's check {spec.file} did not end within {seconds} s.")
        said = f" {reply.last_words}" if reply.last_words else ""
        raise UsageError(f"The author's check {spec.file} gave no finding ({reply.ending}).{said}")
    if "failed" in reply.answer:
        raise UsageError(f"The author's check {spec.file} failed: {reply.answer['failed']}.")
    return CustomFinding(**reply.answer["finding"])


def _plain_evidence(work: Work, returned: tuple[Returned, ...]) -> dict[str, Any]:
    evidence = work.evidence
    return {
        "input_shape": evidence.input_shape,
        "model": _finite(asdict(evidence.model)) if evidence.model else None,
        "compiled": _finite(asdict(evidence.compiled)) if evidence.compiled else None,
        "architecture": canonical_model(work.architecture.config) if work.architecture else None,
        "answers": evidence.answers,
        "returned": [
            {"problem": one.problem.message} if one.problem else {"value": one.value}
            for one in returned
        ],
    }


def _finite(value: Any) -> Any:
    """JSON has no NaN: it becomes None."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    return [_finite(item) for item in value] if isinstance(value, list | tuple) else value
