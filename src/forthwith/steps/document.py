"""Step 6, document: what was wrong, what was done, what others can learn; is the record whole (SOP 6.1, 6.2)."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from forthwith.knowledge import uses
from forthwith.procedure import facts as f
from forthwith.procedure.case import fold
from forthwith.procedure.case_knowledge import WANTED
from forthwith.procedure.fields import needed
from forthwith.procedure.said import say
from forthwith.record import chain, described, door, messages, procedures, queries
from forthwith.record.door import OpenCase
from forthwith.record.models import Entry, Message, Ticket

KNOWLEDGE = {
    say("used"): "An article solved it",
    WANTED: "An article is to be written or updated",
    say("not needed"): "No article is needed",
}


def resolve(case: OpenCase, cause: str, solution: str, category: str, minutes: int) -> None:
    """Log the resolution (SOP 6.1). ValueError when cause, solution or category is missing."""
    if not cause.strip() or not solution.strip():
        raise ValueError(_("Say what was wrong and what you did: both stay on the record."))
    if category not in case.procedure.category_paths:
        raise ValueError(_("Choose the category that it turned out to be."))
    if owed := needed(case.procedure, category, case.case.fields):
        said = ngettext(
            "Fill in %(fields)s first (key D): the procedure needs it before a ticket of this category is resolved.",
            "Fill in these first (key D): %(fields)s. The procedure needs them before a ticket of this category is"
            " resolved.",
            len(owed),
        )
        raise ValueError(said % {"fields": ", ".join(owed)})
    fact = f.Resolved(
        at=case.now, by=case.by.person, cause=cause, solution=solution, category=category, minutes=minutes
    )
    case.log(fact)


def review_knowledge(case: OpenCase, decision: str, article: str) -> None:
    """Log whether an article is needed, and keep what is to be written (SOP 6.2). ValueError for no decision."""
    if decision not in KNOWLEDGE:
        raise ValueError(_("Decide about the knowledge base: an article was used, is to be written, or is not needed."))
    case.log(f.KnowledgeReviewed(at=case.now, by=case.by.person, decision=decision, article=article))
    if decision == WANTED and case.by.person is not None:
        uses.want(case.number, by=case.by.person, now=case.now, said=article)
    else:
        uses.want_no_more(case.number)


def discrepancies(ticket: Ticket) -> list[str]:
    """Everything in which a ticket's record is not whole, in words; empty when it is (SOP 6.1).

    The chain links, the facts add up to the row, the due times and the alarm recompute, the messages are
    what the facts vouch for.
    """
    entries = queries.entries(ticket.pk)
    said = Message.objects.filter(ticket=ticket).prefetch_related("attachments")
    return [*_chain(ticket, entries), *_row(ticket, entries), *_messages(entries, {m.pk: m for m in said})]


def _chain(ticket: Ticket, entries: list[Entry]) -> Iterator[str]:
    broken = chain.first_break(entries)
    if broken:
        yield f"The chain is broken at fact {broken}."
    elif (entries[-1].hash if entries else "") != ticket.chain:
        yield "The last fact is not the one that the ticket names: facts were added or taken away."


def _row(ticket: Ticket, entries: list[Entry]) -> Iterator[str]:
    yield from _revisions(ticket, entries)
    try:
        case = fold(queries.facts_of(entries))
        procedure = procedures.under(ticket.revision_id, case)
        wanted = door.project(case, procedure)
    except (queries.Unreadable, KeyError, TypeError, ValueError) as error:
        yield f"The facts cannot be read: {error}."
        return
    for name, value in wanted.items():
        if getattr(ticket, name) != value:
            yield f"{name} is {getattr(ticket, name)!r}, but the facts add up to {value!r}."
    yield from described.amiss(ticket, case.tags, case.fields, procedure)


def _revisions(ticket: Ticket, entries: list[Entry]) -> Iterator[str]:
    """Each fact names the revision under which it happened: the one it was received under, until it is moved."""
    under = entries[0].revision_id if entries else ticket.revision_id
    for entry in entries:
        if entry.kind == f.MovedToRevision.__name__:
            under = entry.data.get("revision", under)
        if entry.revision_id != under:
            yield f"Fact {entry.seq} is under revision {entry.revision_id}, but the ticket was under {under}."
    if ticket.revision_id != under:
        yield f"revision is {ticket.revision_id}, but the facts add up to {under}."


def _messages(entries: list[Entry], kept: dict[int, Message]) -> Iterator[str]:
    vouched = [(entry.seq, *one) for entry in entries for one in _vouched(entry)]
    for stray in sorted(kept.keys() - {number for _seq, number, _digest in vouched}):
        yield f"No fact knows of message {stray}."
    for seq, number, digest in vouched:
        message = kept.get(number)
        if message is None:
            yield f"The message of fact {seq} is gone."
        elif message.digest != digest or not messages.intact(message):
            yield f"The message of fact {seq} is not what was written."


def _vouched(entry: Entry) -> list[tuple[int, str]]:
    """The messages that a fact vouches for, each with its digest."""
    if "copies" in entry.data:
        return list(zip(entry.data["copies"], entry.data["digests"], strict=False))
    return [(entry.data["message"], entry.data["digest"])] if "digest" in entry.data else []
