"""What statuses are called under the lint: two that are called the same, and names that a language lacks."""

from __future__ import annotations

from collections.abc import Iterator

from forthwith.procedure.findings import Finding
from forthwith.procedure.lifecycle import STATUSES
from forthwith.procedure.model import Procedure
from forthwith.procedure.said import say
from forthwith.procedure.statuses import FOR_REQUESTERS, label_of

_SECTIONS = {"statuses": ("desk", STATUSES), "statuses_for_requesters": ("requesters", FOR_REQUESTERS)}


def lint_statuses(p: Procedure) -> Iterator[Finding]:
    """What is doubtful in the names of statuses; who asks may read the same of two, the desk has to tell them apart."""
    yield from _alike(p, p.language)
    for key in p.spoken:
        if key != p.language:
            yield from _alike(p, key)
            yield from _unnamed(p, key)


def _alike(p: Procedure, language: str) -> Iterator[Finding]:
    names: dict[str, str] = {}
    for status in STATUSES:
        name = label_of(p, status, language).casefold()
        if other := names.get(name):
            own = language in p.languages and status in p.languages[language].statuses
            path = ("languages", language, "statuses", status) if own else ("statuses", "desk", status)
            said = say("is what '%(other)s' is called too: nobody can tell them apart", other=other)
            yield Finding(path, said)
        names.setdefault(name, status)


def _unnamed(p: Procedure, language: str) -> Iterator[Finding]:
    """The usual names are known in other languages; those that a desk gives are not."""
    for section, (part, usual) in _SECTIONS.items():
        given = getattr(p.languages[language], section)
        for status in (key for key, name in given.items() if not name):
            yield Finding(("languages", language, section, status), say("is empty: the procedure's own name is shown"))
        labels = {key: getattr(getattr(p.statuses, part), key) for key in usual}
        lacking = tuple(key for key, name in usual.items() if labels[key] != name and key not in given)
        if lacking:
            said = say("have no name for %(names)s: pages in this language say the procedure's own", names=lacking)
            yield Finding(("languages", language, section), said)
