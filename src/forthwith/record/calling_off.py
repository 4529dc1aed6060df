"""A planned revision called off before it is in force: a decision beside it, for what it says never changes (SOP H1).

It locks the revision's row, as approving a draft that was begun from it does, and as the first tickets that are
received under it do (`procedures.held`): so it is called off before there is one, or not at all.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from forthwith.people.models import Person
from forthwith.procedure.lifecycle import NotAllowed
from forthwith.record import drafting
from forthwith.record.drafting import LONGEST_NOTE, WRITERS, Hand, Refused
from forthwith.record.drafts import Draft
from forthwith.record.messages import storable
from forthwith.record.models import Revision, Ticket


def call_off(by: Hand, number: int, why: str) -> Revision:
    """Call a planned revision off. Raises Refused, and NotAllowed for who may not approve it either."""
    with transaction.atomic():
        revision = Revision.objects.select_for_update().filter(pk=number).first()
        if revision is None:
            raise Refused(_("There is no revision %(number)s.") % {"number": number})
        if not may_call_off(by.person, revision):
            raise NotAllowed(_("It is called off by who may approve it: somebody who leads, and wrote none of it."))
        _is_planned(revision, by.now)
        revision.called_off_why = _reason(why)
        revision.called_off_at, revision.called_off_by = by.now, by.person
        revision.save(update_fields=["called_off_at", "called_off_by", "called_off_why"])
    return revision


def may_call_off(person: Person, revision: Revision) -> bool:
    """Whether this person may approve what the revision was made of."""
    draft = Draft.objects.filter(became=revision).only("editors").first()
    return drafting.may_decide(person, draft) if draft else person.role in WRITERS


def can_be_called_off(revision: Revision, now: datetime) -> bool:
    """Whether it is planned, and still to come."""
    return not revision.called_off and revision.effective_at > now


def _is_planned(revision: Revision, now: datetime) -> None:
    if revision.called_off:
        raise Refused(_("It was called off already."))
    # By another machine's clock it may be in force a moment earlier.
    if not can_be_called_off(revision, now) or Ticket.objects.filter(revision=revision).exists():
        raise Refused(
            _("It is in force already, and stays on record. To go back, begin a draft from the one before it.")
        )
    later = Revision.objects.filter(draft__base=revision, called_off_at__isnull=True).order_by("pk").first()
    if later is not None:
        said = _("Revision %(later)s was begun from it, and would bring it all the same. Call that one off first.")
        raise Refused(said % {"later": later.pk})


def _reason(why: str) -> str:
    said = storable(why).replace("\r\n", "\n").strip()
    if not said:
        raise Refused(_("Say why: it stands in the history of revisions."))
    if len(said) > LONGEST_NOTE:
        raise Refused(_("That is longer than %(most)s characters. Shorten it.") % {"most": LONGEST_NOTE})
    return said
