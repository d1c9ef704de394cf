"""Which keys could stand at a place of an assignment, read off the models."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from grader.assignment.schema import Assignment


def known_keys(assignment: Any, path: Sequence[str | int]) -> list[str]:
    """The keys that the mapping at ``path`` may have.

    ``assignment`` is the plain value of the whole file: where several models could stand at a
    place, such as the checks, what stands there decides.
    """
    kinds: list[Any] = [Assignment]
    value = assignment
    for step in path:
        value = _below(value, step)
        below = [_under(kind, step) for kind in kinds]
        kinds = [kind for annotation in below for kind in _alternatives(annotation, value)]
    models = [kind for kind in kinds if _is_model(kind)]
    return list(dict.fromkeys(key for model in models for key in model.model_fields))


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
    if get_origin(annotation) is Annotated:
        yield from _alternatives(get_args(annotation)[0], value)
    elif get_origin(annotation) in (Union, UnionType):
        for member in get_args(annotation):
            if not (_is_model(member) and _ruled_out(member, value)):
                yield from _alternatives(member, value)
    else:
        yield annotation


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
