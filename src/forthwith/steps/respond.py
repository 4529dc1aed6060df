"""Step 4, respond: who takes it, what they do, and what the requester hears (SOP 4.1, 4.2, 4.3)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import PureWindowsPath

from django.conf import settings
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from forthwith.outbox import pictures, post
from forthwith.outbox.composed import mailbox
from forthwith.outbox.models import Outgoing
from forthwith.outbox.post import Letter, Recipient, Thread
from forthwith.people import directory
from forthwith.people.models import Person
from forthwith.people.permits import THE_SYSTEM
from forthwith.procedure import facts as f
from forthwith.procedure.lifecycle import permit
from forthwith.procedure.model import Procedure
from forthwith.procedure.said import say
from forthwith.procedure.wording import TO_STAFF
from forthwith.record import formatting, links, procedures, queries
from forthwith.record.door import OpenCase
from forthwith.record.messages import Draft, File
from forthwith.record.models import Message
from forthwith.steps import mentions, telling, words
from forthwith.steps.mentions import Mentioned

MOST_FILES = 20
MOST_IN_COPY = 50
LARGEST_FILES = 18_000_000
"""Bytes of all files of one reply: in a mail they take a third more, and most servers take no mail over 25 MB."""


def assign_available(case: OpenCase) -> None:
    """Give the ticket to an available agent of its team: on shift, skilled, below capacity (SOP 4.1).

    When nobody is, it waits in the team's queue, and the record says so.
    """
    team = case.case.team or _owner(case)
    agent, why = _choose(case, team)
    case.log(f.Assigned(at=case.now, team=team, assignee=agent.pk if agent else None, why=why), by=THE_SYSTEM)
    if agent:
        telling.assigned(case, agent, why)


def _owner(case: OpenCase) -> str:
    """The team that it was written to, else its priority's, else its category's, else the one of what has no other."""
    if case.case.sent_to in case.procedure.teams:
        return str(case.case.sent_to)
    priority = case.procedure.priorities.get(case.case.priority or "")
    if priority and priority.team:
        return priority.team
    category = case.procedure.category_paths.get(case.case.category or "")
    return (category.team if category else None) or case.procedure.assignment.team


def _choose(case: OpenCase, team: str) -> tuple[Person | None, str]:
    method = case.procedure.assignment.method
    if method == "by_hand":
        return None, say("tickets are taken by hand")
    load = queries.available(team)
    available = _skilled(case, directory.on_shift(load, team, case.procedure, case.now))
    if not available:
        return None, say("nobody is available")
    limit = case.procedure.assignment.capacity
    free = [p for p in available if load[p] < (p.capacity if p.capacity is not None else limit)]
    if not free:
        return None, say("everybody available is at capacity")
    if method == "round_robin":
        latest = queries.latest_assigned([person.pk for person in free])
        return min(free, key=lambda p: (latest.get(p.pk, 0), p.pk)), say("whose turn it is")
    return min(free, key=lambda p: (load[p], p.pk)), say("available, with the fewest open tickets")


def _skilled(case: OpenCase, people: list[Person]) -> list[Person]:
    return [person for person in people if not skills_lacking(person, case.procedure, case.case.category)]


def skills_lacking(person: Person, procedure: Procedure, category: str | None) -> set[str]:
    """What a category needs and the person is not listed with (SOP 4.1)."""
    found = procedure.category_paths.get(category or "")
    return set(found.skills if found else ()) - set(person.skills)


def assign(case: OpenCase, team: str, assignee: Person | None, why: str) -> None:
    """Give the ticket to a team, and to one of its people if named (SOP 4.1); nothing happens where it is already.

    ValueError for an unknown team, or for somebody who does not work on tickets.
    """
    if team not in case.procedure.teams:
        raise ValueError(_("There is no team '%(team)s'.") % {"team": team})
    if assignee is not None and not (assignee.is_active and assignee.works_here):
        raise ValueError(_("%(assignee)s does not work on tickets.") % {"assignee": assignee})
    if (team, assignee.pk if assignee else None) == (case.case.team, case.case.assignee):
        return
    case.log(f.Assigned(at=case.now, by=case.by.person, team=team, assignee=assignee.pk if assignee else None, why=why))
    if assignee:
        telling.assigned(case, assignee, why or say("assigned by hand"))


def take(case: OpenCase, agent: Person) -> None:
    """An agent takes the ticket; it stays in its team (SOP 4.1)."""
    if case.case.assignee == agent.pk:
        return
    team = case.case.team or _owner(case)
    case.log(f.Assigned(at=case.now, by=case.by.person, team=team, assignee=agent.pk, why=say("taken")))


def tick(case: OpenCase, step: str, outcome: str) -> None:
    """Log a step of the category's runbook as done (SOP 4.2). ValueError for one it does not have."""
    category = case.procedure.category_paths.get(case.case.category or "")
    if not category or step not in category.runbook:
        raise ValueError(_("That step is not in this category's runbook any more."))
    case.log(f.Ticked(at=case.now, by=case.by.person, step=step, outcome=outcome))


def note(case: OpenCase, author: Person, text: str, minutes: int) -> Mentioned:
    """Log an internal note, which never leaves the desk (SOP 6.1); whom it calls in follows the ticket from now on."""
    html = formatting.html_of(text)
    draft = Draft(kind=Message.INTERNAL, text=text, new_text=text, html=html, written_at=case.now, author=author.pk)
    message, mentioned = case.write(draft), mentions.of(text)
    noted = f.Noted(at=case.now, by=author.pk, message=message.pk, digest=message.digest, minutes=minutes)
    case.log(replace(noted, mentioned=tuple(person.pk for person in mentioned.people)))
    call_in(case, message, mentioned)
    return mentioned


def call_in(case: OpenCase, message: Message, mentioned: Mentioned) -> None:
    """Tell of a note that was logged, also whom it calls in; these follow the ticket from now on (SOP 6.1)."""
    telling.noted(case, message, mentioned.people)
    for person in mentioned.people:
        may = person.works_here and person.pk not in (case.by.person, *case.case.own_followers)
        if may and len({*case.case.followers, person.pk}) <= telling.MOST_FOLLOWERS:
            case.log(f.Followed(at=case.now, by=case.by.person, person=person.pk, why=say("called in by a note")))


def follow(case: OpenCase, person: Person) -> None:
    """Somebody of the desk follows the ticket from now on. ValueError when they do, or too many do."""
    # First: whom the door would refuse is told nothing of who follows.
    permit(f.Followed, case.case.status, case.by.role)
    if person.pk in case.case.followers:
        raise ValueError(_("You follow this ticket already."))
    if len(case.case.followers) >= telling.MOST_FOLLOWERS:
        said = _("%(most)d people follow this ticket already. One of them has to stop first.")
        raise ValueError(said % {"most": telling.MOST_FOLLOWERS})
    case.log(f.Followed(at=case.now, by=case.by.person, person=person.pk))


def unfollow(case: OpenCase, person: Person) -> None:
    """Somebody of the desk follows the ticket no more. ValueError for who does not."""
    permit(f.Unfollowed, case.case.status, case.by.role)
    if person.pk not in case.case.followers:
        raise ValueError(_("You do not follow this ticket any more."))
    case.log(f.Unfollowed(at=case.now, by=case.by.person, person=person.pk))


def reply(  # noqa: PLR0913 - the fields of the composer
    case: OpenCase,
    author: Person,
    text: str,
    *,
    next_step: str = "",
    minutes: int = 0,
    files: Sequence[File] = (),
    purpose: str = "reply",
    macro: str = "",
) -> Message:
    """Log a public message by a person, with its files, and queue its mail, threaded to the requester's (SOP 4.3).

    `macro` is the key of that which it was begun with; an unknown one is not recorded. ValueError for more or larger
    files than a mail can carry.
    """
    _carries(files)
    thread, address = words.thread_of(case)
    language = words.language_of(case, purpose)
    said = f"{case.procedure.phrases(language).next_step}: {next_step}" if next_step else ""
    message = _write(case, author, text, said, files)
    replied = f.Replied(at=case.now, by=author.pk, message=message.pk, digest=message.digest)
    begun_with = macro if procedures.macro_called(macro, case.procedure) else ""
    case.log(replace(replied, next_step=next_step, minutes=minutes, macro=begun_with))
    telling.replied(case, message)
    if purpose == "reply":
        values = words.of_ticket(case, case.case.requester, language)
        values |= {"agent": author.name, "message": words.as_mailed(message)}
        to = words.to_requester(case, address)
        letter = Letter(purpose="reply", to=to, values=values, thread=thread, automatic=False, language=language)
        words.queue(case, [replace(letter, ticket=case.number, message=message.pk, mail_id=message.mail_id)])
    post.hurry(case.number, case.now)
    _tell_others(case, message, author, thread)
    return message


def _write(case: OpenCase, author: Person, text: str, step: str, files: Sequence[File]) -> Message:
    """Keep what a person says to the requester, and behind it the next step; formatted where they formatted it."""
    html = formatting.html_of(text)
    body = f"{text}\n\n{step}" if step else text
    draft = Draft(
        kind=Message.PUBLIC,
        text=body,
        new_text=body,
        html=f"{html}\n{formatting.paragraph(step)}" if html and step else html,
        written_at=case.now,
        author=author.pk,
        address=author.email,
        subject=case.case.subject,
        mail_id=links.new_mail_id(case.number),
        files=[_shown(file) for file in files],
    )
    return case.write(draft)


def _tell_others(case: OpenCase, message: Message, author: Person, thread: Thread) -> None:
    """Who reads along gets the answer in a mail of their own, without the requester's link, which lets one act."""
    reading = case.case.participants
    if not reading or not case.procedure.has_words("reply_to_others"):
        return
    aside = directory.not_to_be_told(reading, case.case.requester)
    # Of somebody who was only ever put in copy no language is known: it is that of the conversation.
    language = words.language_of(case, "reply_to_others")
    said = {"link": "", "agent": author.name, "message": words.as_mailed(message)}
    letter = Letter(
        purpose="reply_to_others",
        ticket=case.number,
        message=message.pk,
        to=Recipient(None, ""),
        values={**words.of_ticket(case, language=language), **said},
        thread=thread,
        automatic=False,
        language=language,
    )
    words.queue(case, [_copy(letter, one) for one in reading if one not in aside])


def _copy(letter: Letter, address: str) -> Letter:
    """The letter to one of those in copy, who can leave it with one press (RFC 8058)."""
    stop = links.stop_url(letter.ticket or 0, address)
    return replace(letter, to=Recipient(None, address), values={**letter.values, "stop_link": stop}, stop_link=stop)


def too_much(sizes: Sequence[int]) -> str:
    """Why a mail cannot carry files of these sizes in bytes; empty where it can."""
    if len(sizes) > MOST_FILES:
        said = _("A reply takes up to %(most)d files; these are %(count)d. Send several replies.")
        return said % {"most": MOST_FILES, "count": len(sizes)}
    if sum(sizes) <= LARGEST_FILES:
        return ""
    said = _(
        "The files of a reply may have %(most)s together; these have %(have)s."
        " Send several replies, or a link to where the files lie."
    )
    have = number_format(sum(sizes) / 1e6, decimal_pos=1)
    return said % {"most": f"{LARGEST_FILES // 1_000_000} MB", "have": f"{have} MB"}


def _carries(files: Sequence[File]) -> None:
    if wrong := too_much([len(file.content) for file in files]):
        raise ValueError(wrong)


def _shown(file: File) -> File:
    """The file by its content: a picture is shown in the mail's own page, anything else is attached."""
    name = PureWindowsPath(file.name).name
    kind = pictures.kind(file.content) if isinstance(file.content, bytes) else ""
    if not kind:
        return replace(file, name=name, type=file.type or "application/octet-stream")
    domain = settings.DESK_ADDRESS.rpartition("@")[2]
    return replace(file, name=name, type=kind, inline=True, content_id=f"{secrets.token_hex(8)}@{domain}")


def send_again(case: OpenCase, mail: int, address: str) -> None:
    """Send a mail to the requester again that was not delivered, perhaps to another address of theirs.

    ValueError for a mail that is not this ticket's, that has not failed, or for what is no address.
    """
    kept = Outgoing.objects.filter(pk=mail, ticket=case.number).exclude(purpose__startswith=TO_STAFF).first()
    if kept is None:
        raise ValueError(_("There is no such mail on this ticket."))
    to = address or kept.address
    post.send_again(kept, to, case.now)
    again = f.SentAgain(
        at=case.now,
        by=case.by.person,
        mail=kept.pk,
        message=kept.message_id,
        purpose=kept.purpose,
        address=to,
        was=kept.address,
    )
    case.log(again)


def add_in_copy(case: OpenCase, address: str) -> None:
    """Let somebody get the answers from now on. ValueError for what is no address, or has them anyway."""
    try:
        address = mailbox(address).lower()
    except ValueError as wrong:
        raise ValueError(
            _("%(address)s is no address that mail can be sent to: %(wrong)s.")
            % {"address": repr(address), "wrong": wrong}
        ) from None
    if address in case.case.participants:
        raise ValueError(_("%(address)s is in copy already.") % {"address": address})
    if len(case.case.participants) >= MOST_IN_COPY:
        raise ValueError(_("%(most)s people are in copy already. Take somebody off first.") % {"most": MOST_IN_COPY})
    if address in directory.not_to_be_told([address], case.case.requester):
        raise ValueError(
            _("%(address)s is the requester's own, or the desk's: they have the answers anyway.") % {"address": address}
        )
    case.log(f.ParticipantAdded(at=case.now, by=case.by.person, address=address))


def take_off_copy(case: OpenCase, address: str) -> None:
    """Let somebody read along no more. ValueError for who does not."""
    if address not in case.case.participants:
        raise ValueError(_("%(address)s is not in copy any more.") % {"address": address})
    case.log(f.ParticipantRemoved(at=case.now, by=case.by.person, address=address, why=say("taken off by the desk")))


def wait(case: OpenCase, why: str) -> None:
    """The desk waits for the requester; clocks pause as the procedure says."""
    case.log(f.WaitingOnRequester(at=case.now, by=case.by.person, why=why))


def hold(case: OpenCase, why: str, until: datetime | None) -> None:
    """The desk waits for a third party. ValueError without a reason, or when `until` has passed."""
    if not why.strip():
        raise ValueError(_("Say what the ticket waits for."))
    if until is not None and until <= case.now:
        raise ValueError(_("The date to wait until has passed; choose a later one."))
    case.log(f.PutOnHold(at=case.now, by=case.by.person, why=why, until=until))


def resume(case: OpenCase, why: str) -> None:
    """Work goes on."""
    case.log(f.Resumed(at=case.now, by=case.by.person, why=why))


def begin(case: OpenCase) -> None:
    """A hold whose end has come is over."""
    case.log(f.Resumed(at=case.case.wait_until or case.now, why=say("the date to wait until has come")), by=THE_SYSTEM)


def promise(case: OpenCase, what: str, due: datetime) -> None:
    """Promise the requester something by an instant. ValueError when it has passed or says nothing."""
    if not what.strip() or due <= case.now:
        raise ValueError(_("Say what you promise, and a time that has not passed."))
    case.log(f.Promised(at=case.now, by=case.by.person, promise=secrets.token_hex(4), what=what, due=due))


def keep_promise(case: OpenCase, key: str) -> None:
    """A promise was kept. ValueError for one that is not open."""
    _open_promise(case, key)
    case.log(f.PromiseKept(at=case.now, by=case.by.person, promise=key))


def withdraw_promise(case: OpenCase, key: str, why: str) -> None:
    """A promise is taken back with a reason. ValueError for one that is not open, or without a reason."""
    _open_promise(case, key)
    if not why.strip():
        raise ValueError(_("Say why the promise is withdrawn."))
    case.log(f.PromiseWithdrawn(at=case.now, by=case.by.person, promise=key, why=why))


def _open_promise(case: OpenCase, key: str) -> None:
    made = case.case.promises.get(key)
    if made is None or made.kept_at or made.withdrawn_at:
        raise ValueError(_("That promise is not open."))
