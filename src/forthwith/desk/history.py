"""The facts of a ticket as sentences: who did what, when, under which revision (SOP 6.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from forthwith.desk.names import Names
from forthwith.procedure import facts as f
from forthwith.procedure.clocks import NAMES as CLOCK_NAMES
from forthwith.procedure.joining_facts import relation_name
from forthwith.record.models import Entry
from forthwith.ui.times import plain


@dataclass(frozen=True, slots=True)
class Line:
    """One fact as it is read: `number` is its place on the record, `noted_at` when it was written down."""

    number: int
    kind: str
    at: datetime
    noted_at: datetime
    who: str
    name: str
    says: str
    revision: int
    reason: str = ""

    @property
    def noted_later(self) -> bool:
        """Whether it was written down noticeably after it was true."""
        return (self.noted_at - self.at).total_seconds() >= 1


def lines(entries: Iterable[Entry], facts: Iterable[f.Fact], names: Names) -> list[Line]:
    """Every fact in the record's order."""
    return [
        Line(
            number=entry.seq,
            kind=entry.kind,
            at=entry.at,
            noted_at=entry.noted_at,
            who=names.person(fact.by),
            name=names.known(fact.by),
            says=sentence(fact, names),
            revision=entry.revision_id,
            reason=_reason(fact),
        )
        for entry, fact in zip(entries, facts, strict=True)
    ]


def people_in(facts: Iterable[f.Fact]) -> set[int]:
    """Everybody whom these facts name."""
    found: set[int] = set()
    for fact in facts:
        named = (
            fact.by,
            getattr(fact, "assignee", None),
            getattr(fact, "requester", None),
            getattr(fact, "passed_on_by", None),
            getattr(fact, "person", None),
            *getattr(fact, "told", ()),
            *getattr(fact, "mentioned", ()),
            *getattr(fact, "followers", ()),
        )
        found.update(person for person in named if person is not None)
    return found


def sentence(fact: f.Fact, names: Names) -> str:
    """What the fact says, after the name of who made it so."""
    return _SENTENCES[type(fact)](fact, names)


def _reason(fact: f.Fact) -> str:
    return str(
        getattr(fact, "why", "")
        or getattr(fact, "comment", "")
        or getattr(fact, "outcome", "")
        or getattr(fact, "remark", "")
    )


def _details(keys: Iterable[str], names: Names) -> str:
    return ", ".join(names.detail(key).lower() for key in keys)


def _received(fact: f.Received, names: Names) -> str:
    after = f", following #{fact.follows}" if fact.follows else ""
    by = f", passed on by {names.person(fact.passed_on_by)}" if fact.passed_on_by else ""
    named = f", naming #{fact.quotes}" if fact.quotes else ""
    to = f" to {names.team(fact.team)}" if fact.team else ""
    return f"asked by {names.channel(fact.channel).lower()}{to}{after}{by}{named}"


def _wrote(fact: f.RequesterWrote, names: Names) -> str:
    newcomer = ", not on this ticket before" if fact.newcomer else ""
    return f"wrote{newcomer}" + (f", under another subject: {fact.other_subject}" if fact.other_subject else "")


def _checked(fact: f.Checked, names: Names) -> str:
    if not fact.missing:
        return "verified that the request is complete"
    return f"verified the request; missing: {_details(fact.missing, names)}"


def _categorised(fact: f.Categorised, names: Names) -> str:
    other = fact.suggested if fact.suggested and fact.suggested != fact.category else ""
    if not other:
        said = ""
    elif fact.confidence is None:
        said = f", before: {names.category(other)}"
    else:
        said = f", suggested: {names.category(other)}, {fact.confidence} %"
    return f"chose the category {names.category(fact.category)}{said}"


def _prioritised(fact: f.Prioritised, names: Names) -> str:
    impacts, urgencies = names.procedure.impacts, names.procedure.urgencies
    impact = impacts[fact.impact].name if fact.impact in impacts else fact.impact
    urgency = urgencies[fact.urgency].name if fact.urgency in urgencies else fact.urgency
    said = f", suggested: {names.level(fact.suggested)}, {fact.confidence} %" if _other_level(fact) else ""
    return f"set the priority {names.priority(fact.priority)} ({impact.lower()}; {urgency.lower()}){said}"


def _other_level(fact: f.Prioritised) -> bool:
    return bool(fact.suggested) and fact.suggested != f"{fact.impact}/{fact.urgency}"


def _assigned(fact: f.Assigned, names: Names) -> str:
    if fact.assignee is None:
        return f"put it in the queue of {names.team(fact.team)}"
    return f"assigned it to {names.person(fact.assignee)}, {names.team(fact.team)}"


def _escalated(fact: f.Escalated, names: Names) -> str:
    to = f" to {names.team(fact.to_team)}" if fact.to_team and not fact.moot else ""
    told = ", ".join(names.person(one) for one in fact.told)
    ended = "; its clock had ended by then" if fact.moot else ""
    return f"escalated it{to}" + (f", told {told}" if told else "") + ended


def _told(fact: f.RequesterTold, names: Names) -> str:
    news = f"; next news by {plain(fact.next_update)}" if fact.next_update else ""
    solved = f"; solved by about {plain(fact.resolution_estimate)}" if fact.resolution_estimate else ""
    return f"told the requester of the escalation{news}{solved}"


def _linked(fact: f.Linked, names: Names) -> str:
    return f"linked #{fact.ticket} ({relation_name(fact.relation).lower()})"


def _merged_from(fact: f.MergedFrom, names: Names) -> str:
    along = f" and with it {', '.join(f'#{one}' for one in fact.came_along)}" if fact.came_along else ""
    follow = f"; {', '.join(fact.participants)} may read along" if fact.participants else ""
    waits = f"; it waits for an answer since {plain(fact.unanswered_since)}" if fact.unanswered_since else ""
    tags = f"; with its tags: {', '.join(fact.tags)}" if fact.tags else ""
    return f"merged #{fact.ticket}{along} into this ticket{follow}{waits}{tags}"


def _messages(numbers: tuple[int, ...]) -> str:
    return "a message" if len(numbers) == 1 else f"{len(numbers)} messages"


def _split_from(fact: f.SplitFrom, names: Names) -> str:
    anew = ", ".join(CLOCK_NAMES.get(name, name) for name in fact.counted_anew)
    counted = f"; counted from now, so that nobody is late by it: {anew}" if anew else ""
    return f"made this ticket of {_messages(fact.messages)} of #{fact.ticket}{counted}"


def _followed(fact: f.Followed, names: Names) -> str:
    if fact.person == fact.by:
        return _("follows the ticket")
    return _("let %(person)s follow the ticket") % {"person": names.person(fact.person)}


def _unfollowed(fact: f.Unfollowed, names: Names) -> str:
    if fact.person == fact.by:
        return _("follows the ticket no more")
    return _("let %(person)s follow the ticket no more") % {"person": names.person(fact.person)}


def _noted(fact: f.Noted, names: Names) -> str:
    said = f"wrote an internal note{_minutes(fact)}"
    if not fact.mentioned:
        return said
    called = ", ".join(names.person(one) for one in fact.mentioned)
    return _("%(said)s, calling in %(people)s") % {"said": said, "people": called}


def _field_set(fact: f.FieldSet, names: Names) -> str:
    if not fact.value:
        return _("cleared %(field)s") % {"field": names.field(fact.field)}
    return _("filled in %(field)s: %(value)s") % {
        "field": names.field(fact.field),
        "value": names.value(fact.field, fact.value),
    }


def _minutes(fact: Any) -> str:
    return f", {fact.minutes} min" if fact.minutes else ""


def _said(text: str) -> Callable[[Any, Names], str]:
    return lambda fact, names: text


def _replied(fact: f.Replied, names: Names) -> str:
    macro = f" with the macro '{names.macro(fact.macro)}'" if fact.macro else ""
    return f"answered{macro}{_minutes(fact)}" + (f"; next step: {fact.next_step}" if fact.next_step else "")


_SENTENCES: dict[type[f.Fact], Callable[[Any, Names], str]] = {
    f.Received: _received,
    f.Checked: _checked,
    f.DetailsAsked: lambda fact, names: f"asked the requester for {_details(fact.details, names)}",
    f.DetailsGiven: lambda fact, names: f"gave {_details(fact.details, names)}",
    f.Acknowledged: lambda fact, names: f"acknowledged the request ({fact.how})",
    f.AcknowledgementWithheld: _said("sent no acknowledgement"),
    f.DeliveryFailed: lambda fact, names: f"could not deliver the {fact.purpose.replace('_', ' ')} to {fact.address}",
    f.SentAgain: lambda fact, names: f"sent the {fact.purpose.replace('_', ' ')} again, to {fact.address}",
    f.Categorised: _categorised,
    f.Prioritised: _prioritised,
    f.Assigned: _assigned,
    f.Ticked: lambda fact, names: f"did: {fact.step}",
    f.Noted: _noted,
    f.Replied: _replied,
    f.RequesterWrote: _wrote,
    f.MachineWrote: _said("kept a message that answers nothing"),
    f.ParticipantAdded: lambda fact, names: f"added {fact.address} to the conversation",
    f.ParticipantRemoved: lambda fact, names: f"took {fact.address} off the conversation",
    f.Followed: _followed,
    f.Unfollowed: _unfollowed,
    f.LanguageChosen: lambda fact, names: f"chose {names.language(fact.language)} for mails to the requester",
    f.WaitingOnRequester: _said("set it to wait for the requester"),
    f.PutOnHold: lambda fact, names: "put it on hold" + (f" until {plain(fact.until)}" if fact.until else ""),
    f.Resumed: _said("resumed work"),
    f.Escalated: _escalated,
    f.RequesterTold: _told,
    f.Promised: lambda fact, names: f"promised '{fact.what}' by {plain(fact.due)}",
    f.PromiseKept: _said("kept a promise"),
    f.PromiseWithdrawn: _said("withdrew a promise"),
    f.Resolved: lambda fact, names: f"resolved it: {fact.cause}{_minutes(fact)}",
    f.KnowledgeReviewed: lambda fact, names: (
        f"decided on the knowledge base: {fact.decision}" + (f" ({fact.article})" if fact.article else "")
    ),
    f.ArticleUsed: lambda fact, names: f"worked by the article {fact.title!r}; it helped: {fact.helped}",
    f.ArticleWritten: lambda fact, names: f"wrote the article {fact.title!r}, revision {fact.revision}",
    f.ConfirmationAsked: _said("asked the requester whether it is solved"),
    f.Confirmed: lambda fact, names: f"confirmed that it is solved ({fact.how})",
    f.Reopened: _said("reopened it"),
    f.Closed: _said("closed it"),
    f.Rated: lambda fact, names: f"rated the handling {fact.score}",
    f.Linked: _linked,
    f.Unlinked: lambda fact, names: f"removed the link to #{fact.ticket}",
    f.MergedInto: lambda fact, names: f"merged this ticket into #{fact.ticket}",
    f.MergedFrom: _merged_from,
    f.Unmerged: lambda fact, names: f"took this ticket out of #{fact.ticket} again",
    f.MergeUndone: lambda fact, names: f"took #{fact.ticket} out of this ticket again",
    f.SplitOff: lambda fact, names: f"made {_messages(fact.messages)} a ticket of its own: #{fact.ticket}",
    f.SplitFrom: _split_from,
    f.Tagged: lambda fact, names: _("put on the tag %(tag)s") % {"tag": fact.tag},
    f.Untagged: lambda fact, names: _("took off the tag %(tag)s") % {"tag": fact.tag},
    f.FieldSet: _field_set,
    f.TimeSpent: lambda fact, names: _("worked %(minutes)d min") % {"minutes": fact.minutes},
}
