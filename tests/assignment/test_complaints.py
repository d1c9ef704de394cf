"""pydantic's errors in our words, for what no check type asks for yet."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic import AfterValidator, BaseModel, Field, ValidationError

from grader.assignment.complaints import complaint_at, complaints_of
from grader.assignment.yaml_nodes import Document, read_yaml


def _even(value: int) -> int:
    if value % 2:
        raise ValueError("an odd number")
    return value


class Settings(BaseModel):
    """Fields such as a check type to come may have."""

    title: str | list[str] | None = None
    id: int | list[int] | dict[str, int] | None = None
    limits: Annotated[int, AfterValidator(_even)] = 0
    hints: Annotated[str, Field(pattern="^x+$")] = "x"
    format: Annotated[float, Field(gt=0.25)] = 1
    exercises: Annotated[list[list[int]] | list[int], Field(max_length=3)] = []


def said(text: str) -> list[str]:
    document = read_yaml(text.encode())
    with pytest.raises(ValidationError) as caught:
        Settings.model_validate(document.value, strict=True)
    found = complaints_of(caught.value.errors(include_url=False), document)
    return [f"{c.line}:{c.column}: {c.message}" for c in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("title: 5", ["1:8: Expected text or a list, got 5."]),
        ("title: [a, 5]", ["1:12: Expected text, got 5."]),
        (
            "id: x",
            [
                "1:5: Expected a whole number, a list or a mapping of keys to values, got the "
                'text "x".'
            ],
        ),
        ("id: [1, x]", ['1:9: Expected a whole number, got the text "x".']),
        ("id: {a: x}", ['1:9: Expected a whole number, got the text "x".']),
        ("limits: 3", ["1:9: an odd number."]),
        ("hints: y", ['1:8: "y" is not of the form ^x+$.']),
        ("format: 0.25", ["1:9: Expected more than 0.25, got 0.25."]),
        ("exercises: [1, 2, 3, 4]", ["1:12: At most 3 are taken here, not 4."]),
        ("exercises: [[1], [x]]", ['1:19: Expected a whole number, got the text "x".']),
        ("exercises: [x]", ['1:13: Expected a list or a whole number, got the text "x".']),
        (
            "title: 5\nlimits: 3\n",
            ["1:8: Expected text or a list, got 5.", "2:9: an odd number."],
        ),
    ],
)
def test_a_value_that_fits_no_type_is_told_once_by_the_type_that_fits_best(
    text: str, expected: list[str]
) -> None:
    assert said(text) == expected


@pytest.mark.parametrize(
    ("path", "on_key", "position"),
    [
        (("a", "b"), False, (2, 6)),
        (("a", "b"), True, (2, 3)),
        (("a", "b", "c", 0), False, (2, 6)),
        (("a", "b", "c", 0), True, (2, 3)),
        (("a", "x"), False, (2, 3)),
        (("x",), False, (1, 1)),
        ((), False, (1, 1)),
    ],
)
def test_a_complaint_stands_at_the_deepest_part_that_the_file_has(
    path: tuple[Any, ...], on_key: bool, position: tuple[int, int]
) -> None:
    complaint = complaint_at(read_yaml(b"a:\n  b: 1\n"), path, "Wrong.", on_key)
    assert (complaint.line, complaint.column) == position
    assert complaint.key == ".".join(map(str, path))


def test_a_complaint_about_an_empty_file_stands_at_its_beginning() -> None:
    complaint = complaint_at(Document(), ("a",), "Wrong.")
    assert (complaint.line, complaint.column) == (1, 1)
