"""Holes in what the desk writes, by language: messages, names and phrases that a language lacks (D3)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from forthwith.procedure.findings import Finding
from forthwith.procedure.language import Language
from forthwith.procedure.model import Procedure
from forthwith.procedure.said import Said, say
from forthwith.procedure.wording import TEMPLATES, TO_STAFF, fill, variables

ENGLISH_KEY = "en"
_BETWEEN = re.compile(r"[^\W\d_]+")
_FEW = 3
"""So many words may be the same in two languages: `{message}` with a name below it needs no translation."""
_SAID_BY = {"priorities": "priority", "categories": "category", "teams": "team"}
"""What has names, and the variable that says them."""


def lint_wording(p: Procedure) -> Iterator[Finding]:
    """What is missing in each language, and what a mail then does: no mail is ever in two languages."""
    for name in TEMPLATES:
        if name not in p.wording[p.language]:
            said = say(
                "has no '%(name)s': the desk has no words for that message in the procedure's language", name=name
            )
            yield Finding(("wording", p.language), said)
    yield from _own(p)
    for key in p.wording:
        yield from _texts(p, key)
        if key != p.language:
            yield from _beside(p, key)
    yield from _known_by(p)
    yield from _macros(p)


def _own(p: Procedure) -> Iterator[Finding]:
    """The desk's own language, where it is not English: what it lacks is said in English."""
    language = p.languages.get(p.language)
    if p.language == ENGLISH_KEY:
        return
    if language is None:
        said = say(
            "lack '%(language)s', the procedure's language: days, months and phrases are English in its mails",
            language=p.language,
        )
        yield Finding(("languages",), said)
    elif language.phrases.missing:
        said = say("lack %(names)s: mails say the English words instead", names=language.phrases.missing)
        yield Finding(("languages", p.language, "phrases"), said)


def _texts(p: Procedure, key: str) -> Iterator[Finding]:
    """Messages of a language that say nothing, or the very words of the desk's own."""
    for name, wording in p.wording[key].items():
        for part, text in (("subject", wording.subject), ("text", wording.text)):
            if not text:
                yield Finding(("wording", key, name, part), say("is empty: the mail goes out without it"))
        own = p.wording[p.language].get(name)
        if key != p.language and own and own.text == wording.text and len(_BETWEEN.findall(fill(own.text, {}))) > _FEW:
            said = say("is word for word that of '%(language)s': it is not translated", language=p.language)
            yield Finding(("wording", key, name, "text"), said)


def _beside(p: Procedure, key: str) -> Iterator[Finding]:
    """A language beside the desk's own."""
    language = p.languages.get(key)
    if language is None:
        said = say(
            "is never written: name days, months and phrases under languages.%(language)s, "
            "as standard.yaml does for 'de'",
            language=key,
        )
        yield Finding(("wording", key), said)
        return
    for name in TEMPLATES:
        # The desk's people are written to in the desk's own language.
        if name not in p.wording[key] and not name.startswith(TO_STAFF):
            said = say(
                "has no '%(name)s': that message goes out in '%(language)s', the procedure's language",
                name=name,
                language=p.language,
            )
            yield Finding(("wording", key), said)
    if language.phrases.missing:
        said = say(
            "lack %(names)s: no mail goes out in this language until they are there", names=language.phrases.missing
        )
        yield Finding(("languages", key, "phrases"), said)
    yield from _unnamed(p, key, language)


def _unnamed(p: Procedure, key: str, language: Language) -> Iterator[Finding]:
    said = {variable for texts in p.wording[key].values() for variable in variables(f"{texts.subject} {texts.text}")}
    for kind, variable in _SAID_BY.items():
        everything = p.category_paths if kind == "categories" else getattr(p, kind)
        lacking = [name for name in everything if name not in getattr(language, kind)]
        if lacking and variable in said:
            yield Finding(("languages", key, kind), _nameless(lacking))
    shown = [name for name, field in p.fields.items() if field.shown_to_requester and name not in language.fields]
    if shown:
        said_of_fields = say(
            "have no name for %(names)s: requesters of this language read the procedure's own", names=tuple(shown)
        )
        yield Finding(("languages", key, "fields"), said_of_fields)
    lacking = [name for name in p.details if name not in language.details]
    if lacking and "missing" in said:
        message = say(
            "do not say how to ask for %(names)s: mails that ask for it go out in '%(language)s'",
            names=tuple(lacking),
            language=p.language,
        )
        yield Finding(("languages", key, "details"), message)


def _nameless(names: Iterable[str]) -> Said:
    return say("have no name for %(names)s: mails in this language say the procedure's own", names=tuple(names))


def _known_by(p: Procedure) -> Iterator[Finding]:
    """With one language there is nothing to be told apart."""
    for key in p.spoken if len(p.spoken) > 1 else ():
        if not p.spoken_as(key).words:
            path = ("languages", key) if key in p.languages else ("languages",)
            said = say(
                "have no words by which a mail in '%(language)s' is known, so only what its head says can tell",
                language=key,
            )
            yield Finding(path, said)


def _macros(p: Procedure) -> Iterator[Finding]:
    for key, macro in p.macros.items():
        for language in p.spoken:
            if not macro.text.get(language, "-"):
                yield Finding(("macros", key, "text", language), say("is empty: the macro fills in nothing"))
            if language not in macro.text:
                other = macro.language("", p.language)
                said = say(
                    "has no '%(language)s': for requesters of that language it is in '%(other)s'",
                    language=language,
                    other=other,
                )
                yield Finding(("macros", key, "text"), said)
            elif macro.next_step and language not in macro.next_step:
                said = say("has no '%(language)s': in that language the macro fills in no next step", language=language)
                yield Finding(("macros", key, "next_step"), said)
        for language in macro.next_step:
            if language not in macro.text:
                said = say("is in '%(language)s', in which the macro has no text: it is never used", language=language)
                yield Finding(("macros", key, "next_step", language), said)
