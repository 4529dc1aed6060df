"""What the desk keeps in mind of a person, or of their organisation: notes that only the desk reads (SOP 4.2).

A note is never changed: who knows better writes a new one, and its author or a leader takes the old one away.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from forthwith.people.models import Note, Person
from forthwith.procedure.lifecycle import ADMINISTRATOR, LEADER

LONGEST = 2_000
MOST_SHOWN = 20
PERSON, ORGANISATION = "person", "organisation"


class Refused(ValueError):
    """A note that cannot be kept, or taken away, so; the text says what to put right."""


def notes_on(requester: Person) -> list[Note]:
    """The latest notes on a person and on their organisation, the newest first, at most MOST_SHOWN of each."""
    found = list(_about(person=requester.pk))
    if requester.organisation_id is not None:
        found += _about(organisation=requester.organisation_id)
    return found


def _about(**whom: int) -> QuerySet[Note]:
    return Note.objects.filter(**whom).select_related("author").order_by("-pk")[:MOST_SHOWN]


def write(requester: Person, about: str, text: str, *, by: Person, now: datetime) -> Note:
    """Keep a note on a person, or on their organisation. Refused for an empty or too long one, or without a role."""
    if not by.works_here:
        raise Refused(_("Only people who work on tickets write notes."))
    text = text.replace("\x00", "").strip()
    if not text:
        raise Refused(_("The note is empty. Write something first."))
    if len(text) > LONGEST:
        raise Refused(_("The note has more than %(most)d characters. Shorten it.") % {"most": LONGEST})
    if about == ORGANISATION and requester.organisation_id is None:
        raise Refused(_("No organisation is known of this person."))
    whom = {"organisation": requester.organisation} if about == ORGANISATION else {"person": requester}
    return Note.objects.create(text=text, author=by, written_at=now, **whom)


def may_remove(note: Note, by: Person) -> bool:
    """Whether the person may take the note away: its author, or who leads or administers."""
    return (by.works_here and note.author_id == by.pk) or by.role in (LEADER, ADMINISTRATOR)


def remove(requester: Person, number: int, *, by: Person) -> bool:
    """Take a note on this person, or their organisation, away; False where there is none. Refused for another's."""
    whose = Q(person=requester)
    if requester.organisation_id is not None:
        whose |= Q(organisation=requester.organisation_id)
    note = Note.objects.filter(whose, pk=number).first()
    if note is None:
        return False
    if not may_remove(note, by):
        raise Refused(_("Only its author, a team leader or an administrator takes a note away."))
    note.delete()
    return True
