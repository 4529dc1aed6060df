"""What people of the desk write from their own mail clients: answers, notes, and users' mails that they pass on.

Anybody can write any address into a From field. So it is somebody of the desk only where a second thing says the
same: the address that was signed for them alone, in a notification that went to them alone (SOP 4.3, 6.1).
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from django.conf import settings

from forthwith.channels.email import ours
from forthwith.channels.email.forwards import Forwarded, bare_subject, forwarded
from forthwith.channels.email.mail import Mail
from forthwith.outbox import post
from forthwith.people import directory
from forthwith.people.models import Person
from forthwith.people.permits import Actor
from forthwith.procedure.lifecycle import NotAllowed
from forthwith.procedure.said import say
from forthwith.record.messages import File
from forthwith.steps import acts, workflow
from forthwith.steps.request import Request

_NOTE = re.compile(r"\s*(?:#note\b[:\s]?|note\s*:)[ \t]*", re.IGNORECASE)
_NEXT_STEP = re.compile(
    r"^[ \t*_]{0,6}(?:next steps?|nächster? schritte?|prochaine étape|próximo paso|prossimo passo|volgende stap)"
    r"[ \t*_]{0,4}:[ \t*_]{0,4}(\S[^\n]{0,1000})$",
    re.IGNORECASE | re.MULTILINE,
)


ON_NO_TICKET = say("it answers a notification that is about no ticket, or about several: it is a request of nobody's")


FOR_THE_DESK = say(
    "it answers a notification of the desk, and nothing proves that its sender writes notes here: only the desk sees it"
)


def unproven(author: Person) -> str:
    """Why a mail that says it is from somebody of the desk is not taken for theirs."""
    return say(
        "it says that it is from %(person)s of the desk, and nothing proves it: "
        "it was not sent to the address that their own notifications carry",
        person=author,
    )


def unvouched(author: Person) -> str:
    """What to know of a forward whose sender nobody has verified."""
    return say("It says that %(person)s of the desk passed it on; nothing vouches for that.", person=author)


def answer(number: int, author: Person, request: Request, now: datetime) -> str:
    """Take what a proven person of the desk wrote: a note if its first line says so, else the requester's answer.

    What cannot be sent is kept as a note, and its author is told why: that is what is returned.
    """
    said = request.new_text.strip()
    if marked := _NOTE.match(said):
        note = said[marked.end() :].strip()
        workflow.on_staff_mail(number, author, replace(request, text=note, new_text=note, html=""), now=now)
        return ""
    step = _NEXT_STEP.search(said)
    text = (said[: step.start()] + said[step.end() :]).strip() if step else said
    try:
        if f"{settings.PUBLIC_URL}/tickets/" in text:
            raise acts.Refused("It quotes the notification, which is for the desk alone. Send it without the quote.")
        acts.reply(
            number,
            by=Actor.of(author),
            now=now,
            text=text,
            next_step=step[1].strip() if step else "",
            files=[file for file in request.files if not file.inline],
        )
    except (acts.Refused, NotAllowed) as refused:
        why = f"{refused} For a next step, write a line of its own in your mail: 'Next step: ...'." if not step else ""
        workflow.on_unsent(number, author, request, why=why or str(refused), now=now)
        return say("kept as a note, not sent: %(why)s", why=refused)
    return ""


def told_by(mail: Mail) -> frozenset[int | None]:
    """Whom the notifications went to that it answers: to be one of them is no proof for an answer, but for a note."""
    return post.told_by((*mail.in_reply_to, *reversed(mail.references)))


def passed_on(mail: Mail, agent: Person, request: Request) -> Request | None:
    """The request of the user whose mail somebody of the desk forwards; None when it is none."""
    original = forwarded(mail)
    if original is None or ours.is_own(original.sender.address, ours.teams()):
        return None
    known = directory.person_at(original.sender.address)
    if known is not None and known.works_here:
        return None
    return _for_them(original, agent, request, known)


def _for_them(original: Forwarded, agent: Person, request: Request, known: Person | None) -> Request:
    author = directory.met_again(known, original.sender.address, original.sender.name)
    subject = bare_subject(original.subject) or bare_subject(request.subject)
    return replace(
        request,
        author=author.pk,
        person=author,
        address=original.sender.address.lower(),
        subject=subject,
        text=original.text,
        new_text=original.text,
        html=original.html,
        mail_id=original.message_id,
        references=(),
        files=[File(a.name, a.type, a.content, a.inline, a.content_id) for a in original.attachments],
        participants=tuple(one for one in request.participants if one != original.sender.address.lower()),
        passed_on_by=agent,
        comment=original.comment,
        # The head is that of the agent's mail.
        speaks=(),
    )
