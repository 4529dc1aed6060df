"""A document that says only what is its own, laid over the standard procedure: `based_on: standard`.

Sections that are given replace the standard's whole; `steps`, `responsibilities`, `wording` and `languages`, which are
words, are laid over it word by word. What the standard says in other sections of one that is replaced (the German names
of its priorities, the category that a macro sets) is left out. What comes of it is a whole document like any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forthwith.procedure.yaml_text import Source, YamlProblem

KEY = "based_on"
STANDARD = "standard"
_WORDS = ("steps", "responsibilities", "wording", "languages")
_ITS_OWN = ("format", "title", "version", "revisions")
"""What a document says itself: its name and history are nobody else's."""
_OF_MACROS = {
    "category": "categories",
    "categories": "categories",
    "teams": "teams",
    "impact": "impacts",
    "urgency": "urgencies",
}
"""What a macro says of other sections."""


def whole(source: Source, under: Mapping[str, Any]) -> Source:
    """The source with what it takes over from the standard, whose plain data is `under`; as it is without `based_on`.

    Raises YamlProblem for anything else to be based on.
    """
    if KEY not in source.data:
        return source
    if (named := source.data[KEY]) != STANDARD:
        line = source.line((KEY,))
        raise YamlProblem(line, f"is nothing to build on; write {STANDARD}", path=(KEY,), value=str(named)[:60])
    own = {key: value for key, value in source.data.items() if key != KEY}
    taken = {key: value for key, value in under.items() if key not in _ITS_OWN}
    taken = {**taken, "languages": _languages(taken, own), "macros": _macros(taken, own)}
    # In the standard's order, which is that of the document.
    laid = {key: own.get(key, value) for key, value in taken.items()} | own
    for key in _WORDS:
        if key in own:
            laid[key] = _laid_over(taken[key], own[key])
    return Source(laid, source.lines, frozenset(taken) - frozenset(own))


def _laid_over(under: Any, over: Any) -> Any:
    if not isinstance(under, Mapping) or not isinstance(over, Mapping):
        return over
    return {**under, **{key: _laid_over(under.get(key), value) for key, value in over.items()}}


def _languages(under: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """The standard's languages without the names of what the document replaces."""
    return {
        language: {key: value for key, value in spoken.items() if key not in own}
        for language, spoken in under["languages"].items()
    }


def _macros(under: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """The standard's macros without what they say of sections that the document replaces."""
    gone = {key for key, section in _OF_MACROS.items() if section in own}
    if gone & {"impact", "urgency"}:
        gone |= {"impact", "urgency"}
    return {
        name: {key: value for key, value in macro.items() if key not in gone} for name, macro in under["macros"].items()
    }
