"""Holes in what the desk writes, by language: messages, names and phrases that a language lacks (D3)."""

from __future__ import annotations

from collections.abc import Iterator

from forthwith.procedure.findings import Finding
from forthwith.procedure.language import Language
from forthwith.procedure.model import Procedure
from forthwith.procedure.wording import TEMPLATES, TO_STAFF, variables

_SAID_BY = {"priorities": "priority", "categories": "category", "teams": "team"}
"""What has names, and the variable that says them."""


def lint_wording(p: Procedure) -> Iterator[Finding]:
    """What is missing in each language, and what a mail then does: no mail is ever in two languages."""
    for name in TEMPLATES:
        if name not in p.wording[p.language]:
            message = f"has no {name!r}: the desk has no words for that message in the procedure's language"
            yield Finding(("wording", p.language), message)
    for key in p.wording:
        if key != p.language:
            yield from _beside(p, key)
    yield from _known_by(p)
    yield from _macros(p)


def _beside(p: Procedure, key: str) -> Iterator[Finding]:
    """A language beside the desk's own."""
    language = p.languages.get(key)
    if language is None:
        said = f"is never written: name days, months and phrases under languages.{key}, as standard.yaml does for 'de'"
        yield Finding(("wording", key), said)
        return
    for name in TEMPLATES:
        # The desk's people are written to in the desk's own language.
        if name not in p.wording[key] and not name.startswith(TO_STAFF):
            said = f"has no {name!r}: that message goes out in {p.language!r}, the procedure's language"
            yield Finding(("wording", key), said)
    if language.phrases.missing:
        lacking = ", ".join(language.phrases.missing)
        said = f"lack {lacking}: no mail goes out in this language until they are there"
        yield Finding(("languages", key, "phrases"), said)
    yield from _unnamed(p, key, language)


def _unnamed(p: Procedure, key: str, language: Language) -> Iterator[Finding]:
    said = {variable for texts in p.wording[key].values() for variable in variables(f"{texts.subject} {texts.text}")}
    for kind, variable in _SAID_BY.items():
        everything = p.category_paths if kind == "categories" else getattr(p, kind)
        lacking = [name for name in everything if name not in getattr(language, kind)]
        if lacking and variable in said:
            message = f"have no name for {', '.join(lacking)}: mails in this language say the procedure's own"
            yield Finding(("languages", key, kind), message)
    lacking = [name for name in p.details if name not in language.details]
    if lacking and "missing" in said:
        message = f"do not say how to ask for {', '.join(lacking)}: mails that ask for it go out in {p.language!r}"
        yield Finding(("languages", key, "details"), message)


def _known_by(p: Procedure) -> Iterator[Finding]:
    """With one language there is nothing to be told apart."""
    for key in p.spoken if len(p.spoken) > 1 else ():
        if not p.spoken_as(key).words:
            path = ("languages", key) if key in p.languages else ("languages",)
            said = f"have no words by which a mail in {key!r} is known, so only what its head says can tell"
            yield Finding(path, said)


def _macros(p: Procedure) -> Iterator[Finding]:
    for key, macro in p.macros.items():
        for language in p.spoken:
            if language not in macro.text:
                other = macro.language("", p.language)
                said = f"has no {language!r}: for requesters of that language it is in {other!r}"
                yield Finding(("macros", key, "text"), said)
            elif macro.next_step and language not in macro.next_step:
                said = f"has no {language!r}: in that language the macro fills in no next step"
                yield Finding(("macros", key, "next_step"), said)
        for language in macro.next_step:
            if language not in macro.text:
                said = f"is in {language!r}, in which the macro has no text: it is never used"
                yield Finding(("macros", key, "next_step", language), said)
