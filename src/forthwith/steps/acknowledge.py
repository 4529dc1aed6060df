"""Step 2, acknowledge: is the request complete, and does the requester know that we have it (SOP 2.1, 2.2).

The 15 minutes are met by sending, not by queueing: `Acknowledged` is logged when the relay took the mail.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from forthwith.outbox import post
from forthwith.outbox.models import Outgoing
from forthwith.outbox.post import Letter, Recipient, Thread
from forthwith.people import directory
from forthwith.people.models import Address, Person
from forthwith.people.permits import THE_SYSTEM
from forthwith.people.prepared import Place, Prepared
from forthwith.procedure import facts as f
from forthwith.procedure.loops import Rate
from forthwith.procedure.model import Detail
from forthwith.procedure.moments import format_duration
from forthwith.procedure.phrases import Lexicon, tokens
from forthwith.procedure.said import say
from forthwith.procedure.wording import fill
from forthwith.record import procedures
from forthwith.record.door import OpenCase
from forthwith.steps import telling, words
from forthwith.steps.request import Request

ROW_WINDOW = timedelta(minutes=5)
"""How long one acknowledgement speaks for its address: well within the time that the procedure leaves for the next."""
_READ = 20_000
_MOST_ASKED = 400
_SILENT = say("it is an old mail that was imported silently")
_ACKNOWLEDGED = Prepared(
    lambda: (
        Outgoing.objects.filter(purpose="acknowledgement", address=Place(0), queued_at__gt=Place(1))
        .order_by("-queued_at")
        .only("state", "queued_at", "next_at", "leased_until", "attempts", "ticket_id", "language")[:_MOST_ASKED]
    )
)


def check(case: OpenCase, request: Request, category: str | None) -> None:
    """Verify completeness: which required details were found, which are missing (SOP 2.1)."""
    required = case.procedure.required(case.case.channel, category)
    text = f"{request.subject}\n{request.new_text}"[:_READ]
    named = bool(case.ticket.requester.name)
    found = tuple(key for key in required if says(case.procedure.details[key], text, named=named))
    missing = tuple(key for key in required if key not in found)
    case.log(f.Checked(at=case.now, found=found, missing=missing), by=THE_SYSTEM)


def says(detail: Detail, text: str, *, named: bool) -> bool:
    """Whether a text, or the requester's known name, gives a detail. Linear in the text's length."""
    rule = detail.found
    if rule.requester_name and named:
        return True
    if rule.min_words is not None and len(tokens(text)) >= rule.min_words:
        return True
    return bool(_lexicon(rule.words).said(text))


@lru_cache(maxsize=256)
def _lexicon(words: tuple[str, ...]) -> Lexicon:
    return Lexicon({"": words})


def take_details(case: OpenCase, request: Request) -> None:
    """Fill in what was missing from what the requester wrote since (SOP 2.1)."""
    text = request.new_text[:_READ]
    details = case.procedure.details
    given = tuple(
        key
        for key in case.case.missing
        if key in details and (says(details[key], text, named=False) or _answers(case, key, text))
    )
    if given:
        case.log(f.DetailsGiven(at=request.received_at, by=case.by.person, details=given))


def _answers(case: OpenCase, key: str, text: str) -> bool:
    """A detail without a rule of its own counts as given by any answer to having been asked for it."""
    rule = case.procedure.details[key].found
    ruled = rule.requester_name or rule.min_words is not None or bool(rule.words)
    return not ruled and key in case.case.details_asked and bool(text.strip())


def give_details(case: OpenCase, given: Mapping[str, str]) -> None:
    """Log details that were given in the form (SOP 2.1)."""
    keys = tuple(key for key in case.case.missing if given.get(key, "").strip())
    if keys:
        case.log(f.DetailsGiven(at=case.now, by=case.by.person, details=keys))


def queue(case: OpenCase, request: Request) -> None:
    """Queue the acknowledgement with what is missing asked for in the same mail, or say why not (SOP 2.2)."""
    channel = case.procedure.channels.get(request.channel)
    if channel is None or channel.acknowledgement == "manual":
        return
    rate = case.procedure.loops.acknowledgements
    latest = _ACKNOWLEDGED(request.address, case.now - timedelta(seconds=rate.within))
    why_not = request.robot or (_SILENT if request.silent else "") or _looping(request.address, latest, rate)
    missing = case.case.missing
    language = words.language_of(case, "acknowledgement", *_also(missing), details=missing)
    why_not = why_not or _named_in_another(case, latest)
    if why_not:
        case.log(f.AcknowledgementWithheld(at=case.now, why=why_not), by=THE_SYSTEM)
        return
    letter = Letter(
        purpose="acknowledgement",
        ticket=case.number,
        to=words.to_requester(case, request.address),
        values=_values(case, language),
        thread=Thread(request.mail_id, request.references),
        language=language,
    )
    if words.queue(case, [letter], after=_waits_for(case, latest)) and missing:
        case.log(f.DetailsAsked(at=case.now, details=missing), by=THE_SYSTEM)


def _also(missing: Sequence[str]) -> tuple[str, ...]:
    """The message whose words stand in an acknowledgement that asks for something."""
    return ("missing_details",) if missing else ()


def announce_split(case: OpenCase, request: Request, split_from: int) -> None:
    """Tell the requester the number of the ticket that was made of their messages: that acknowledges it (SOP 2.2)."""
    if request.robot:
        case.log(f.AcknowledgementWithheld(at=case.now, why=request.robot), by=THE_SYSTEM)
        return
    # An older procedure has no words for this; then it is acknowledged like any other.
    purpose = "split_notice" if case.procedure.has_words("split_notice") else "acknowledgement"
    missing = case.case.missing
    language = words.language_of(case, purpose, *_also(missing), details=missing)
    letter = Letter(
        purpose=purpose,
        ticket=case.number,
        to=words.to_requester(case, request.address),
        values={**_values(case, language), "split_from": f"#{split_from}"},
        thread=Thread(request.mail_id, request.references),
        language=language,
    )
    if words.queue(case, [letter]) and missing:
        case.log(f.DetailsAsked(at=case.now, details=missing), by=THE_SYSTEM)


def _waits_for(case: OpenCase, latest: list[Outgoing]) -> datetime | None:
    """The end of the window, for one who has had an acknowledgement just now: until then it gathers their others."""
    ends = max((one.queued_at for one in latest), default=case.now - ROW_WINDOW) + ROW_WINDOW
    return ends if ends > case.now else None


def _named_in_another(case: OpenCase, latest: list[Outgoing]) -> str:
    """Name a ticket in an acknowledgement to the same address that has not left yet, and say in which."""
    waiting = max(latest, key=lambda one: (one.queued_at, one.pk), default=None)
    if waiting is None or waiting.state != Outgoing.QUEUED or case.now - waiting.queued_at >= ROW_WINDOW:
        return ""
    if not case.procedure.has_words("acknowledgement_also"):
        return ""
    missing, language = case.case.missing, waiting.language or case.procedure.language
    if case.procedure.language_for(language, "acknowledgement_also", *_also(missing), details=missing) != language:
        return ""
    said = fill(case.procedure.words("acknowledgement_also", language).text, _values(case, language)).strip()
    if not post.add_words(waiting, said):
        return ""
    if missing:
        case.log(f.DetailsAsked(at=case.now, details=missing), by=THE_SYSTEM)
    return say("it is named in the acknowledgement of #%(number)s, which had not left yet", number=waiting.ticket_id)


def _values(case: OpenCase, language: str) -> dict[str, str]:
    values = words.of_ticket(case, case.case.requester, language)
    first = words.clock_named(case, "first_response")
    values["first_response_due"] = words.when(first.due_at if first else None, case.procedure, case.now, language)
    values["missing"] = _missing(case, values["link"], language)
    return values


def _missing(case: OpenCase, link: str, language: str) -> str:
    asked = [f"- {case.procedure.asked(key, language).ask}" for key in case.case.missing]
    if not asked:
        return ""
    text = case.procedure.words("missing_details", language).text
    return fill(text, {"missing": "\n".join(asked), "link": f"{link}details/"}).strip()


def _looping(address: str, latest: list[Outgoing], rate: Rate) -> str:
    """Why an address gets no further acknowledgement: it has had so many that a machine must be answering."""
    if len(latest) < rate.most:
        return ""
    return say(
        "loop: %(address)s has had %(most)s acknowledgements within %(within)s",
        address=address,
        most=rate.most,
        within=format_duration(rate.within),
    )


def tell_of_loop(address: str, why: str, now: datetime) -> None:
    """Mails go in a circle: whoever leads is told, and can end it at its other end (SOP 2.2)."""
    procedure = procedures.current()
    if not procedure.has_words("staff_loop"):
        return
    values = {"address": address, "why": why, "desk": words.desk_name()}
    leaders = directory.leaders(procedure.assignment.team)
    post.queue(
        [Letter(purpose="staff_loop", to=Recipient(p.pk, p.email, p.name), values=values) for p in leaders],
        procedure,
        now,
    )


def by_hand(case: OpenCase) -> None:
    """An agent gave the acknowledgement in person, on the phone for example (SOP 2.2)."""
    case.log(f.Acknowledged(at=case.now, by=case.by.person, how=say("by hand")))


def delivered(case: OpenCase, outgoing: Outgoing) -> None:
    """The relay took the acknowledgement: now, and only now, it is one; told twice, it is one still (SOP 2.2)."""
    if any(isinstance(fact, f.Acknowledged) and fact.mail == outgoing.pk for fact in case.facts):
        return
    sent_at = outgoing.sent_at or case.now
    case.log(f.Acknowledged(at=sent_at, how=say("automatic"), mail=outgoing.pk), by=THE_SYSTEM)


def undelivered(case: OpenCase, outgoing: Outgoing, why: str) -> None:
    """A mail could not be delivered for good: it is on record, and the leaders are told (SOP 2.2)."""
    fact = f.DeliveryFailed(
        at=case.now, message=outgoing.message_id, purpose=outgoing.purpose, address=outgoing.address, why=why[:500]
    )
    case.log(fact, by=THE_SYSTEM)
    leaders = directory.leaders(case.case.team or case.procedure.assignment.team)
    telling.failed(case, outgoing.message, why, leaders)
    _tell_of_failure(case, outgoing, why, leaders)


def copy_lost(case: OpenCase, outgoing: Outgoing, why: str) -> None:
    """A mail to somebody in copy was lost: the requester has theirs, and the copy shows below the message."""
    Address.objects.filter(address=outgoing.address, undeliverable_since__isnull=True).update(
        undeliverable_since=case.now
    )


def staff_unreachable(case: OpenCase, outgoing: Outgoing, why: str) -> None:
    """A mail to somebody of the desk was lost: no fact of the ticket, but nobody may think that they were told.

    What tells of this and is lost itself tells nobody: two dead addresses would do so for ever.
    """
    if outgoing.purpose != "staff_undelivered":
        _tell_of_failure(case, outgoing, why, [])


def _tell_of_failure(case: OpenCase, outgoing: Outgoing, why: str, people: list[Person]) -> None:
    """On another road than the one that is broken; the administrators, when nobody else is left."""
    dead = outgoing.address
    Address.objects.filter(address=dead, undeliverable_since__isnull=True).update(undeliverable_since=case.now)
    reached = [p for p in people if p.email != dead] or [p for p in directory.administrators() if p.email != dead]
    values = {**words.for_staff(case, words.next_clock(case), why), "address": dead}
    words.queue(case, words.to_staff(case, "staff_undelivered", reached, values))
