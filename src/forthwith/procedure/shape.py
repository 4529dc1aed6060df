"""Which parts and fields the document has, found by walking the models: what a path leads to."""

from __future__ import annotations

from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from forthwith.procedure.model import Procedure
from forthwith.procedure.part import Part
from forthwith.procedure.references import Path


def kind_at(path: Path, root: type[Part] = Procedure) -> Any:
    """The type of what stands at a path of the document: a `Part`, a type or a generic alias; None for nowhere."""
    kind: Any = root
    for step in path:
        kind = kind_below(kind, step)
    return kind


def kind_below(kind: Any, step: str | int) -> Any:
    """The type of what stands one step below a type."""
    if is_part(kind):
        field = kind.model_fields.get(str(step))
        return bare(field.annotation) if field else None
    arguments = get_args(kind)
    if get_origin(kind) is dict:
        return bare(arguments[1])
    return bare(arguments[0]) if get_origin(kind) is tuple else None


def is_part(kind: Any) -> bool:
    """Whether a type is a part of the document, with fields."""
    return isinstance(kind, type) and issubclass(kind, Part)


def is_mapping(kind: Any) -> bool:
    """Whether a type is a mapping from keys."""
    return get_origin(kind) is dict


def is_list(kind: Any) -> bool:
    """Whether a type is a list."""
    return get_origin(kind) is tuple


def bare(kind: Any) -> Any:
    """A type without what only checks or writes it, and without `None`."""
    if get_origin(kind) is Annotated:
        return bare(get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType):
        return bare(next(option for option in get_args(kind) if option is not type(None)))
    return kind


def parts() -> Iterator[type[Part]]:
    """Every kind of part in the document, each once, in its order."""
    seen: set[Any] = set()
    waiting: list[Any] = [Procedure]
    while waiting:
        at = bare(waiting.pop(0))
        if is_part(at):
            if at not in seen:
                seen.add(at)
                yield at
                waiting += [field.annotation for field in at.model_fields.values()]
        else:
            waiting += [one for one in get_args(at) if get_origin(at) is not Literal and one is not Ellipsis]


def values_of(kind: Any) -> tuple[str, ...]:
    """The values that a type names one by one, as `automatic` and `manual`; nothing where any may stand."""
    kind = bare(kind)
    if get_origin(kind) is Literal:
        return tuple(map(str, get_args(kind)))
    return values_of(get_args(kind)[0]) if is_list(kind) else ()
