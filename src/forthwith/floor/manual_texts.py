"""What the procedure says in texts: its guides, every wording in each language, macros, and its own history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from forthwith.floor.blocks import Block, Cell, Message, Pairs, Section, Table, Text
from forthwith.floor.speaking import Speaker
from forthwith.procedure.terms_texts import MESSAGES, WITHIN
from forthwith.record.states import desk_states, requester_states
from forthwith.ui.said import headed
from forthwith.ui.texts import unwrapped


def text(written: str) -> Text:
    """A text in paragraphs."""
    paragraphs = [one.strip() for one in unwrapped(written).split("\n\n")]
    return Text([one for one in paragraphs if one])


def responsibilities(speaker: Speaker) -> Iterator[Block]:
    """Who answers for what."""
    yield Pairs([(f"{key} {one.role}", one.text) for key, one in speaker.procedure.responsibilities.items()])


def wordings(speaker: Speaker) -> Iterator[Block]:
    """Every message in every language."""
    for language, messages in speaker.procedure.wording.items():
        blocks = [
            Section(headed(MESSAGES.get(key, key)), [Message(one.subject, one.text, language)], folded=True)
            for key, one in messages.items()
        ]
        yield Section(speaker.name("languages", language), blocks, key=f"wording-{language}")


_NAMED = {one: one for one in ("priorities", "categories", "teams", "fields", "statuses")}
_NAMED["statuses_for_requesters"] = "statuses"
"""What a language gives names to, and in which section they are called otherwise."""


def languages(speaker: Speaker) -> Iterator[Block]:
    """What makes a mail whole in a language."""
    for key, language in speaker.procedure.languages.items():
        where = ("languages", key)
        rows = speaker.rows(*where, only=("words", "weekdays", "months"))
        rows += speaker.rows(*where, "phrases")
        for name, named in _NAMED.items():
            names: Mapping[str, str] = getattr(language, name)
            said = "; ".join(f"{speaker.name(named, one)}: {called}" for one, called in names.items())
            rows += [(speaker.title(*where, name), said)] if said else []
        rows += [
            (speaker.name("details", one), f"{asked.name}: {asked.ask}") for one, asked in language.details.items()
        ]
        yield Section(language.name, [Pairs(rows)], key=f"language-{key}", folded=True)


def statuses(speaker: Speaker) -> Iterator[Block]:
    """What the states of a ticket are called, as pages say it."""
    desk, requesters = desk_states(speaker.procedure), requester_states(speaker.procedure)
    rows = [[Cell(headed(says)), Cell(desk[key]), Cell(requesters[key])] for key, says in WITHIN.items()]
    head = [_("Status"), *(speaker.title("statuses", name) for name in ("desk", "requesters"))]
    yield Table(speaker.title("statuses"), head, rows, wide=2)


def macros(speaker: Speaker) -> Iterator[Block]:
    """Ready answers, and what happens when one is sent."""
    only = ("teams", "categories", "then", "category", "impact", "urgency")
    for key, macro in speaker.procedure.macros.items():
        messages = [
            Message("", "\n\n".join(filter(None, macro.said(language))).strip(), language) for language in macro.text
        ]
        yield Section(macro.name, [speaker.pairs("macros", key, only=only), *messages], key=f"macro-{key}", folded=True)


def closing(speaker: Speaker) -> Iterator[Block]:
    """Confirmation, silence and reopening."""
    yield speaker.pairs("closing")


def fields(speaker: Speaker) -> Iterator[Block]:
    """The desk's own fields."""
    for key, field in speaker.procedure.fields.items():
        rows = speaker.rows("fields", key, only=("kind", "categories", "needed_for", "shown_to_requester", "help"))
        if field.choices:
            rows.append((speaker.title("fields", key, "choices"), ", ".join(field.choices.values())))
        yield Section(field.name, [Pairs([row for row in rows if row[1]])], key=f"field-{key}")


def rules(speaker: Speaker) -> Iterator[Block]:
    """What else the desk works by, field by field."""
    for name in ("assignment", "pauses", "replies", "timekeeping", "knowledge", "suggestions", "notices", "loops"):
        only = ("waiting_on_requester", "on_hold") if name == "pauses" else ()
        yield Section(speaker.title(name), [speaker.pairs(name, only=only)], key=name)


def revisions(speaker: Speaker) -> Iterator[Block]:
    """The document's own history."""
    rows = [
        [Cell(one.version), Cell(str(date_format(one.date, _("j M Y")))), Cell(one.description), Cell(one.author)]
        for one in speaker.procedure.revisions
    ]
    head = [speaker.title("revisions", 0, name) for name in ("version", "date", "description", "author")]
    yield Table(_("Revision history"), head, rows, wide=2)
