"""Which keys could stand at a place of an assignment, read off the models."""

from __future__ import annotations

from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from grader.assignment.schema import Assignment

Path = tuple[str | int, ...]


def known_keys(assignment: Any, path: Path) -> list[str]:
    """The keys that the mapping at ``path`` may have.

    ``assignment`` is the plain value of the whole file: where several models could stand at a
    place, such as the checks, what stands there decides.
    """
    value = value_at(assignment, path)
    kinds = [
        kind
        for annotation in _annotations(assignment, path)
        for kind in _alternatives(annotation, value)
    ]
    models = [kind for kind in kinds if _is_model(kind)]
    return list(dict.fromkeys(key for model in models for key in model.model_fields))


def is_tagged(assignment: Any, path: Path) -> bool:
    """Whether several models could stand at ``path``, so that a key must tell which one does."""
    return any(
        sum(map(_is_model, _members(annotation))) > 1
        for annotation in _annotations(assignment, path)
    )


def value_at(value: Any, path: Path) -> Any:
    """What stands at a path, None where nothing does."""
    for step in path:
        value = _below(value, step)
    return value


def _annotations(assignment: Any, path: Path) -> list[Any]:
    """What may stand at a path, as the models have it."""
    annotations: list[Any] = [Assignment]
    value = assignment
    for step in path:
        kinds = [kind for each in annotations for kind in _alternatives(each, value)]
        annotations = [_under(kind, step) for kind in kinds]
        value = _below(value, step)
    return annotations


def _under(kind: Any, step: str | int) -> Any:
    """What may stand under a key or place, as an annotation; None where nothing may."""
    if _is_model(kind):
        field = kind.model_fields.get(step)
        return field.annotation if field else None
    if get_origin(kind) in (list, tuple):
        return get_args(kind)[0]
    return get_args(kind)[1] if get_origin(kind) is dict else None


def _alternatives(annotation: Any, value: Any) -> Iterator[Any]:
    """The types that an annotation stands for, without those that ``value`` rules out."""
    members = _members(annotation)
    for member in members:
        if len(members) == 1 or not (_is_model(member) and _ruled_out(member, value)):
            yield member


def _members(annotation: Any) -> list[Any]:
    """The types of a union, or the one type that an annotation is."""
    if get_origin(annotation) is Annotated:
        return _members(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return [each for member in get_args(annotation) for each in _members(member)]
    return [annotation]


def _ruled_out(model: type[BaseModel], value: Any) -> bool:
    """Whether a key that tells models apart, such as ``type``, tells of another one."""
    return any(
        get_origin(field.annotation) is Literal
        and _below(value, key) not in (None, *get_args(field.annotation))
        for key, field in model.model_fields.items()
    )


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _below(value: Any, step: str | int) -> Any:
    """What stands under a key or place, None where nothing does."""
    try:
        return value[step]
    except (KeyError, IndexError, TypeError):
        return None
