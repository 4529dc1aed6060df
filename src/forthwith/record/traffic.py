"""How much one address writes, by what is kept of its mails: what the loop breaker counts (SOP 2.2)."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from forthwith.people.prepared import Place, Prepared
from forthwith.record.models import RawItem

LOOP = "loop: "
"""How the reason of an item begins that came above a rate of the procedure."""
_FEW = 20
_OF_AUTHOR = RawItem.objects.only("channel", "recipients", "outcome", "reason", "silent", "received_at").order_by(
    "-received_at"
)
_LATEST = Prepared(lambda: _OF_AUTHOR.filter(author=Place(0), received_at__gt=Place(1))[:_FEW])


def latest(author: str, since: datetime, most: int) -> list[RawItem]:
    """The mails of an address since an instant, the latest first and at most so many; imported ones are not among them.

    Nearly everybody has written few: so those are read by a statement that is ready.
    """
    found = _LATEST(author, since)
    if len(found) == _FEW and most > _FEW:
        found = list(_OF_AUTHOR.filter(author=author, received_at__gt=since)[:most])
    return [one for one in found if not one.silent]


def was_looping(address: str, opened_at: datetime, until: datetime, since: datetime) -> bool:
    """Whether mails of an address came above a rate between its request and `until`, or `since` an instant."""
    when = Q(received_at__range=(opened_at, until)) | Q(received_at__gt=since)
    return RawItem.objects.filter(when, author=address, reason__startswith=LOOP).exists()
