"""A ticket's conversation: messages, the mails that left, and what happened between them, oldest first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.utils.translation import gettext as _

from forthwith.desk.history import Line
from forthwith.desk.names import THE_DESK
from forthwith.outbox.models import Outgoing
from forthwith.people.prepared import Place, Prepared
from forthwith.procedure.case import Case
from forthwith.procedure.wording import TO_STAFF
from forthwith.record import links
from forthwith.record.models import Attachment, Message, Ticket
from forthwith.record.queries import Said
from forthwith.ui.recorded import purpose_name
from forthwith.ui.said import headed

LONGEST_SHOWN = 6_000
LONGEST_HTML = 3 * LONGEST_SHOWN
MOST_MAILS = 200
_TO_OTHERS = Prepared(
    lambda: Outgoing.objects.filter(ticket=Place(0)).exclude(purpose__startswith=TO_STAFF).order_by("-pk")[:MOST_MAILS]
)
EVENTS = frozenset(
    {
        *("Assigned", "Prioritised", "Escalated", "WaitingOnRequester", "PutOnHold", "Resumed", "Resolved"),
        *("Confirmed", "Reopened", "Closed", "Rated", "DetailsGiven", "Promised", "PromiseKept", "PromiseWithdrawn"),
        *("Linked", "Unlinked", "MergedInto", "MergedFrom", "Unmerged", "MergeUndone", "SplitOff", "SplitFrom"),
        *("ArticleUsed", "ArticleWritten"),
    }
)
"""Facts shown between the messages; the others are in the history alone."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing in the conversation. `kind`: incoming, outgoing, note, automatic, mail or event. `html` is of what was
    formatted here; `formatted` says that a mail has a page of its own.

    `ticket` is the one that it is kept on, `merged` says that this is another, merged into the one that is read;
    `split_to` is the ticket that was made of it.
    """

    kind: str
    key: str
    at: datetime
    who: str
    address: str = ""
    vouched: str = ""
    remarks: Sequence[str] = ()
    text: str = ""
    html: str = ""
    whole: str = ""
    shortened: bool = False
    formatted: bool = False
    number: int = 0
    ticket: int = 0
    merged: bool = False
    split_to: int | None = None
    title: str = ""
    reason: str = ""
    files: list[Attachment] = field(default_factory=list)
    mails: list[Outgoing] = field(default_factory=list)

    @property
    def aside(self) -> bool:
        """Whether it may be folded away among its like: a turn of events, or a mail that nobody need look after."""
        return self.kind == "event" or (self.kind == "mail" and all(mail.state != "failed" for mail in self.mails))


def conversation(ticket: Ticket, said: Iterable[Said], lines: Iterable[Line], case: Case) -> list[Item]:
    """Everything that was said or sent, here and on what was merged into it, and the turning points, in order."""
    mails = _mails(ticket, case.holds)
    found = [_message(one, mails.get(one.message.pk, [])) for one in said]
    found += [_mail(mail) for mail in mails.get(None, [])]
    gone = {message: part.ticket for part in case.parts for message in part.messages}
    if case.holds or gone:
        found = [replace(one, merged=one.ticket != ticket.pk, split_to=gone.get(one.number)) for one in found]
    found += [_event(line) for line in lines if line.kind in EVENTS]
    return sorted(found, key=lambda item: item.at)


def _mails(ticket: Ticket, merged: Sequence[int]) -> dict[int | None, list[Outgoing]]:
    by_message: dict[int | None, list[Outgoing]] = {}
    for mail in reversed(_of_several([ticket.pk, *merged]) if merged else _TO_OTHERS(ticket.pk)):
        by_message.setdefault(mail.message_id, []).append(mail)
    return by_message


def _of_several(tickets: list[int]) -> list[Outgoing]:
    found = Outgoing.objects.filter(ticket__in=tickets).exclude(purpose__startswith=TO_STAFF)
    return list(found.order_by("-pk")[:MOST_MAILS])


def _message(said: Said, mails: list[Outgoing]) -> Item:
    message = said.message
    kind = {Message.INTERNAL: "note", Message.SYSTEM: "automatic"}.get(message.kind)
    new, whole = message.new_text.strip(), message.text.strip()
    text = new or whole
    typed = message.raw_item_id is None and not message.incoming
    return Item(
        kind=kind or ("incoming" if message.incoming else "outgoing"),
        key=f"message-{message.pk}",
        at=message.written_at,
        who=said.name or message.address or THE_DESK,
        address=message.address if message.incoming else "",
        vouched=_("%(verdict)s as %(domain)s") % said.verified if said.verified else "",
        remarks=said.remarks,
        text=text[:LONGEST_SHOWN],
        whole=whole[:LONGEST_SHOWN] if whole != text else "",
        shortened=len(text) > LONGEST_SHOWN and not (typed and 0 < len(message.html) <= LONGEST_HTML),
        html=message.html if typed and len(message.html) <= LONGEST_HTML else "",
        formatted=bool(message.html) and not typed,
        number=message.pk,
        ticket=message.ticket_id,
        title=message.subject,
        files=said.files,
        mails=mails,
    )


def _mail(mail: Outgoing) -> Item:
    title = headed(purpose_name(mail.purpose))
    return Item(
        kind="mail",
        key=f"mail-{mail.pk}",
        at=mail.queued_at,
        who=THE_DESK,
        text=links.SIGNED.sub(r"\1…/", mail.text[:LONGEST_SHOWN]),
        title=title,
        ticket=mail.ticket_id or 0,
        mails=[mail],
    )


def _event(line: Line) -> Item:
    return Item(kind="event", key=f"fact-{line.number}", at=line.at, who=line.who, text=line.says, reason=line.reason)
