"""The verdicts on taking a request in: received, complete, acknowledged, categorised, prioritised (SOP 1 to 3)."""

from __future__ import annotations

from forthwith.procedure import facts as f
from forthwith.procedure.clocks import Clock
from forthwith.procedure.conformance_file import ACKNOWLEDGES, File
from forthwith.procedure.said import Kept, Said, say, small
from forthwith.procedure.verdict import Outcome, Verdict


def watched(file: File) -> Verdict:
    """Watched around the clock, by people or machines (SOP 1.1)."""
    received = file.numbers(f.Received)
    channel = file.procedure.at(file.case.opened_at).channels.get(file.case.channel)
    if not channel:
        return file.proof(
            "1.1", "missing", say("No watch is kept on %(channel)s.", channel=file.case.channel), received
        )
    if channel.watch.by == "machine":
        why = say("Taken in from %(channel)s, which a machine watched.", channel=channel.name)
    else:
        why = say("Taken in from %(channel)s, which people watched.", channel=channel.name)
    return file.proof("1.1", "met", why, received)


def logged(file: File) -> Verdict:
    """On the record (SOP 1.2)."""
    why = say("Logged from %(channel)s.", channel=file.case.channel)
    return file.proof("1.2", "met", why, file.numbers(f.Received))


def checked(file: File) -> Verdict:
    """Complete, or asked for what is missing (SOP 2.1)."""
    checked = file.numbers(f.Checked)
    if not checked:
        if file.begun:
            return Verdict("2.1", "missing", say("Completeness was never verified."))
        return Verdict("2.1", "not due", say("Completeness is verified before work begins."))
    numbers = (*checked, *file.numbers(f.DetailsAsked, f.DetailsGiven))
    missing = file.case.missing
    if not missing:
        return file.proof("2.1", "met", say("Complete: nothing is missing."), numbers)
    names = tuple(_detail(file, key) for key in missing)
    if set(missing) <= file.case.details_asked:
        why = say("Verified; asked for what is missing: %(names)s.", names=names)
        return file.proof("2.1", "met", why, numbers)
    if not file.case.from_person:
        why = say("Verified; nobody is there to ask for what is missing: %(names)s.", names=names)
        return file.proof("2.1", "met", why, numbers)
    why = say("Verified, but nobody asked for what is missing: %(names)s.", names=names)
    return file.proof("2.1", "missing" if file.begun else "not due", why, numbers)


def _detail(file: File, key: str) -> str:
    detail = file.procedure.details.get(key)
    return small(detail.name) if detail else key


def acknowledged(file: File) -> Verdict:
    """In time, and how (SOP 2.2)."""
    [clock] = (clock for clock in file.clocks if clock.name == "acknowledgement")
    if clock.ended_at is None:
        overdue = say("The acknowledgement is overdue.")
        return file.unended(
            "2.2", clock, (overdue, say("The acknowledgement is not due yet.")), file.lost(*ACKNOWLEDGES)
        )
    if clock.ending != "met":
        withheld = file.numbers(f.AcknowledgementWithheld)
        why = say("Not acknowledged: %(why)s.", why=Kept(file.case.acknowledgement_withheld))
        return file.proof("2.2", "not applicable", why, withheld)
    deciding = next(i for i in file.numbers(f.Acknowledged, f.Replied) if file.facts[i - 1].at == clock.ended_at)
    lost = _lost_acknowledgement(file, deciding)
    outcome: Outcome = "late" if clock.late_at(file.now) else "met"
    return file.proof("2.2", outcome, _how(clock, bool(lost)), (deciding, *lost), clock.due_at)


def _how(clock: Clock, lost: bool) -> Said:
    if clock.detail == "by hand":
        return say("Acknowledged by hand.")
    if clock.detail == "reply":
        arrived, not_arrived = (
            say("Acknowledged by a person's reply."),
            say("Acknowledged by a person's reply, but it could not be delivered."),
        )
    else:
        arrived, not_arrived = (
            say("Acknowledged automatically."),
            say("Acknowledged automatically, but it could not be delivered."),
        )
    return not_arrived if lost else arrived


def _lost_acknowledgement(file: File, deciding: int) -> tuple[int, ...]:
    """What says that the very message that acknowledged did not arrive; one given by hand did."""
    fact = file.facts[deciding - 1]
    if isinstance(fact, f.Replied):
        return tuple(i for i, failed in file.each(f.DeliveryFailed) if failed.message == fact.message)
    by_hand = isinstance(fact, f.Acknowledged) and fact.how == "by hand"
    return () if by_hand else file.lost(*ACKNOWLEDGES, after=deciding)


def categorised(file: File) -> Verdict:
    """By what it is about (SOP 3.1)."""
    numbers = file.numbers(f.Categorised)
    if numbers:
        return file.proof("3.1", "met", say("Categorised as %(category)s.", category=_category(file)), numbers)
    return _before_work("3.1", file, say("No category was chosen."))


def _before_work(step: str, file: File, why: Said) -> Verdict:
    return Verdict(step, "missing" if file.begun else "not due", why)


def _category(file: File) -> str:
    category = file.procedure.category_paths.get(file.case.category or "")
    return category.name if category else str(file.case.category)


def prioritised(file: File) -> Verdict:
    """By impact and urgency (SOP 3.2)."""
    numbers = file.numbers(f.Prioritised)
    if not numbers:
        return _before_work("3.2", file, say("No priority was set."))
    priority = file.procedure.priorities.get(file.case.priority or "")
    why = say("Priority %(priority)s.", priority=priority.name if priority else file.case.priority)
    return file.proof("3.2", "met", why, numbers)
