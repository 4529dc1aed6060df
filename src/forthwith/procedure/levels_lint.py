"""Service levels under the lint: those that no ticket can ever have, as others come before them (SOP 3.2, 4.3).

The tickets that a level fits are a box: a set of organisations, of contracts, of channels, of categories, and VIP or
not. Of the box of a level those of the levels before it are cut away; where nothing is left, it is never reached.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from forthwith.procedure.findings import Finding
from forthwith.procedure.levels import ServiceLevel
from forthwith.procedure.model import Procedure
from forthwith.procedure.said import Said, say

Box = tuple[frozenset[str], ...]
"""The organisations, contracts, channels, categories and marks of the tickets that a level fits."""
_OTHER = ""
"""Stands for all organisations, contracts or channels that no level names, and for a ticket without a category."""
_MOST_PIECES = 200
"""Into so many pieces a level is cut at most: after that it counts as reached, and a hostile text costs no more."""


def lint_levels(p: Procedure) -> Iterator[Finding]:
    """Levels that no ticket can have, and those that change nothing and only keep later ones from their tickets."""
    boxes = _boxes(p)
    for i, (key, level) in enumerate(p.service_levels.items()):
        if hidden := _hidden(dict([*boxes.items()][:i]), boxes[key]):
            yield Finding(("service_levels", key), hidden)
        if level.calendar is None and not any(one.model_dump(exclude_defaults=True) for one in level.targets.values()):
            said = say(
                "changes nothing: it has neither targets nor a calendar, and keeps later levels from its tickets"
            )
            yield Finding(("service_levels", key), said)


def _hidden(before: Mapping[str, Box], own: Box) -> Said | None:
    """Why a level is never reached, or nothing."""
    equal = next((other for other, box in before.items() if box == own), None)
    if equal:
        return say(
            "is never reached: '%(other)s' comes before it and asks for the same; take one of them out", other=equal
        )
    wider = next((other for other, box in before.items() if _within(own, box)), None)
    if wider:
        return say("is never reached: '%(other)s' comes before it and fits all that it fits; put it first", other=wider)
    near = {other: box for other, box in before.items() if all(a & b for a, b in zip(own, box, strict=True))}
    if near and not _left(own, near.values()):
        return say(
            "is never reached: %(others)s come before it and together fit all that it fits; put it first",
            others=tuple(near),
        )
    return None


def _boxes(p: Procedure) -> dict[str, Box]:
    levels = [*p.service_levels.values()]
    organisations = _all(_folded(level.organisations) for level in levels)
    contracts, channels = _all(level.contracts for level in levels), _all(level.channels for level in levels)
    categories = frozenset((*p.category_paths, _OTHER))
    marks = frozenset(("vip", _OTHER))
    return {
        key: (
            frozenset(_folded(level.organisations)) or organisations,
            frozenset(level.contracts) or contracts,
            frozenset(level.channels) or channels,
            _below(p, level) if level.categories else categories,
            frozenset(("vip",)) if level.vip else marks,
        )
        for key, level in p.service_levels.items()
    }


def _folded(names: Iterable[str]) -> list[str]:
    return [name.casefold() for name in names]


def _all(named: Iterable[Sequence[str]]) -> frozenset[str]:
    return frozenset((_OTHER, *(name for names in named for name in names)))


def _below(p: Procedure, level: ServiceLevel) -> frozenset[str]:
    """The categories of a level and those below them."""
    named = set(level.categories)
    return frozenset(path for path in p.category_paths if any(above in named for above in _above(path)))


def _above(path: str) -> Iterator[str]:
    parts = path.split(".")
    return (".".join(parts[:depth]) for depth in range(1, len(parts) + 1))


def _within(narrow: Box, wide: Box) -> bool:
    return all(a <= b for a, b in zip(narrow, wide, strict=True))


def _left(box: Box, others: Iterable[Box]) -> bool:
    """Whether anything of a box is in none of the others."""
    pieces = [box]
    for other in others:
        pieces = [piece for one in pieces for piece in _cut(one, other)]
        if not pieces or len(pieces) > _MOST_PIECES:
            break
    return bool(pieces)


def _cut(box: Box, other: Box) -> Iterator[Box]:
    """What is left of a box without another, as boxes that have nothing in common."""
    for i, (own, cut) in enumerate(zip(box, other, strict=True)):
        if outside := own - cut:
            yield (*box[:i], outside, *box[i + 1 :])
        box = (*box[:i], own & cut, *box[i + 1 :])
        if not box[i]:
            return
