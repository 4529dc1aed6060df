"""A request, or an addition to one, in plain terms: what every channel hands over to the steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from forthwith.people.models import Person
from forthwith.record.messages import File


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What somebody asks or adds, in a channel's plain terms. `received_at` is when its raw form was stored."""

    channel: str
    received_at: datetime
    author: int
    address: str
    subject: str
    text: str
    new_text: str
    html: str = ""
    mail_id: str = ""
    raw_item: int | None = None
    files: Sequence[File] = ()
    participants: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    robot: str = ""
    follows: int | None = None
    silent: bool = False
    person: Person | None = None
    """The author, where the channel has looked them up already."""
    passed_on_by: Person | None = None
    """Who of the desk forwarded it, with a `comment` that is for the desk alone."""
    comment: str = ""
    quotes: int | None = None
    """A ticket that it names and that the author has no part in."""
    speaks: tuple[str, ...] = ()
    """Languages that its head names (RFC 3282), the most wanted first; what it is written in tells more."""
    team: str | None = None
    """The team whose own address it was sent to."""
    log: str = ""
    """The case of another desk's event log that it comes from."""
    newcomer: bool = False
    """Whether the author was not on the ticket before."""
    other_subject: str = ""
    """Its subject, where that is another one than the ticket's."""

    def following(self, number: int) -> Request:
        """The same as a new request that follows a ticket which can no longer be reopened (SOP 7.2)."""
        return replace(self, follows=number)
