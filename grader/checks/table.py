"""Every check type there is, by the name that assignment files use."""

from __future__ import annotations

from grader.checks.base import CheckType
from grader.checks.output_shape import OutputShape, check_output_shape

CHECK_TYPES: dict[str, CheckType] = {
    "output_shape": CheckType(OutputShape, check_output_shape, "build"),
}
