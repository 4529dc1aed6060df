"""The whole procedure as chapters that a new colleague can learn from, for its page and its printed form (SOP H1)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.utils.translation import gettext as _

from forthwith.floor import manual_texts as texts
from forthwith.floor import manual_work as work
from forthwith.floor.blocks import Block, Chapter, Pairs, Section
from forthwith.floor.kept import NOT_COUNTED, Kept
from forthwith.floor.manual_calendars import calendars
from forthwith.floor.manual_steps import steps
from forthwith.floor.speaking import Speaker
from forthwith.procedure.model import Procedure


def chapters(procedure: Procedure, today: date, kept: Kept = NOT_COUNTED) -> list[Chapter]:
    """Everything that it says, in the order in which one learns it."""
    speaker = Speaker(procedure)
    return [Chapter(key, title or speaker.title(key), blocks) for key, title, blocks in _all(speaker, today, kept)]


def _all(speaker: Speaker, today: date, kept: Kept) -> Iterator[tuple[str, str, list[Block]]]:
    procedure = speaker.procedure
    yield "about", _("What it is for"), _about(speaker)
    yield "responsibilities", "", list(texts.responsibilities(speaker))
    yield "steps", "", steps(speaker, kept)
    yield "channels", "", list(work.channels(speaker))
    yield "details", _("Required details"), list(work.details(speaker))
    yield "categories", "", list(work.categories(speaker))
    yield "teams", "", list(work.teams(speaker))
    yield "matrix", _("Impact and urgency"), list(work.matrix(speaker))
    yield "priorities", "", list(work.priorities(speaker, kept))
    if procedure.service_levels:
        yield "service_levels", "", list(work.service_levels(speaker))
    if procedure.exemptions:
        yield "exemptions", "", list(work.exemptions(speaker))
    yield "escalation", "", list(work.escalation(speaker))
    yield "calendars", "", list(calendars(speaker, today))
    yield "knowledge_guide", "", [texts.text(procedure.knowledge_guide)]
    yield "communication_policy", "", [texts.text(procedure.communication_policy)]
    yield "wording", "", list(texts.wordings(speaker))
    yield "languages", "", list(texts.languages(speaker))
    if procedure.macros:
        yield "macros", "", list(texts.macros(speaker))
    if procedure.fields:
        yield "fields", "", list(texts.fields(speaker))
    yield "statuses", "", list(texts.statuses(speaker))
    yield "closing", "", list(texts.closing(speaker))
    yield "rules", _("Further rules"), list(texts.rules(speaker))
    yield "revisions", "", list(texts.revisions(speaker))


def _about(speaker: Speaker) -> list[Block]:
    procedure = speaker.procedure
    return [
        Section(speaker.title("purpose"), [texts.text(procedure.purpose)], key="purpose"),
        Section(speaker.title("scope"), [texts.text(procedure.scope)], key="scope"),
        Pairs([(speaker.title("language"), speaker.value("language"))]),
    ]
