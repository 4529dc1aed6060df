"""One of everything that an address can name, so that whoever is turned away is so for who they are."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from forthwith.outbox import catcher
from forthwith.people import notes
from forthwith.people.models import Organisation
from forthwith.people.permits import Actor
from forthwith.procedure.replayed import Sums, Worst, as_data
from forthwith.record import drafting, links, procedures, replies, restatements, results, sealed, views
from forthwith.record.begun import Held, Unsent
from forthwith.record.judgements import Restatement
from forthwith.record.mailboxes import Mailbox
from forthwith.record.models import Attachment, Message, RawItem
from forthwith.record.replies import SavedReply
from forthwith.record.runs import Run
from forthwith.record.views import View
from forthwith.steps import acts, restating
from tests import desk_fixtures as d
from tests import shelf
from tests.desk_fixtures import Desk

OF = {
    "desk:article": "article",
    "desk:ticket-articles": "ticket",
    "desk:article-not-needed": "ticket",
    "desk:view": "view",
    "desk:reply": "saved",
    "person": "person",
    "sign_in_link": "person",
    "organisation": "organisation",
    **dict.fromkeys((f"{act}_organisation" for act in ("change", "join", "leave", "delete")), "organisation"),
    **dict.fromkeys(("ledger_item", "mend_item", "dismiss_item", "raw_source"), "item"),
    **dict.fromkeys(("mailbox_", "pause_", "resume_", "remove_", "stop_import"), "mailbox"),
    "portal:file": "file",
    "floor:draft": "draft",
}
"""What `number` is of, where it is no ticket's, by how the address' name begins; the longest beginning counts."""
KEYS = {"floor:draft-do": "withdraw", "desk:article-do": "confirm", "desk:act": "take", "desk:bulk-begin": "take"}


def made(desk: Desk) -> dict[str, Any]:
    """Make it, and say what each value of an address may be."""
    number, now = d.arrive(_letter(), recipients=(d.DESK,)).ticket, timezone.now()
    assert number is not None
    acts.note(number, by=Actor.of(desk.ben), now=now, text="Between us.")
    raw = RawItem.objects.create(
        channel="email",
        received_at=now,
        digest="0" * 64,
        size=9,
        outcome=RawItem.UNPROCESSED,
        reason="?",
        body=b"broken",
    )
    of = {"person": desk.ana, "ticket_id": number}
    saved = {"owner": desk.lea, "name": "Ours"}
    box = Mailbox(name="Help", host="mail.example", port=993, user="help", added_at=now, secret=sealed.seal("x"))
    box.save()
    return {
        "ticket": number,
        "item": raw.pk,
        "article": shelf.published().pk,
        "message": Message.objects.filter(ticket=number).order_by("pk")[0].pk,
        "file": Attachment.objects.get(name="page.txt").pk,
        "held": Held.objects.create(said_at=now, leaves_at=now + timedelta(hours=1), seen=1, text="x", **of).pk,
        "other": Unsent.objects.create(kind=Unsent.REPLY, text="x", aside=True, changed_at=now, **of).pk,
        "note": notes.write(desk.rui, "person", "Prefers a call.", by=desk.ana, now=now).pk,
        "view": View.objects.create(shared=views.EVERYBODY, **saved).pk,
        "saved": SavedReply.objects.create(shared=replies.EVERYBODY, text="x", **saved).pk,
        "mailbox": box.pk,
        "person": desk.ben.pk,
        "organisation": Organisation.objects.create(name="Acme").pk,
        "token": links.token(number, desk.rui.pk),
        "stop": links.stop_token(number, "cora@customer.example"),
        "name": catcher.keep(Path(settings.HOME) / "caught", d.mail(), now=now),
        "run": _run(),
        "restatement": _restatement(desk),
        "bundle": _run("evidence"),
        "move": _move(),
        "draft": drafting.begin(drafting.Hand(desk.lea, now), "Ours").pk,
        "where": "priorities",
        "revision": 1,
        "kind": "csv",
        "provider": "google",
    }


def _run(kind: str = "replay") -> int:
    """A run that is done, with its file."""
    asked = {"since": "2026-01-01T00:00:00+00:00", "until": "2026-02-01T00:00:00+00:00"}
    of = {"summary": as_data(Sums(), Worst(), []), "result": results.keep([b"ticket"]), "state": Run.DONE}
    return Run.objects.create(kind=kind, asked_at=timezone.now(), asked=asked, **of).pk


def _move() -> int:
    """Open tickets were moved to a revision."""
    of = {"asked": {"revision": 1, "why": "w"}, "summary": {"revision": 1, "moved": 2, "stayed": 0, "left": []}}
    return Run.objects.create(kind="move", asked_at=timezone.now(), state=Run.DONE, **of).pk


def _restatement(desk: Desk) -> int:
    """A restatement that is done, of a period that touches the report's."""
    now = timezone.now()
    of = {"revision": procedures.in_force(), "since": now - timedelta(days=9), "until": now, "reason": "A holiday"}
    run = restatements.ask(Restatement(**of), desk.lea, now, here=True)
    assert run is not None
    restating.do(run, timezone.now)
    return run.pk


def _letter() -> bytes:
    """With a formatted text and a file."""
    letter = message_from_bytes(d.mail(), policy=policy.default)
    assert isinstance(letter, EmailMessage)
    letter["Cc"] = "cora@customer.example"
    letter.add_alternative("<p>It is <b>urgent</b>.</p>", subtype="html")
    letter.add_attachment("blank", filename="page.txt")
    return letter.as_bytes()


def values(name: str, there: dict[str, Any]) -> dict[str, Any]:
    """What the address of that name is filled in with."""
    begins = [begin for begin in OF if name.startswith(begin)]
    number = there[OF[max(begins, key=len)] if begins else "ticket"]
    own = {"number": number, "key": KEYS.get(name, "none")}
    if name in ("floor:procedure-revision", "floor:revision-call-off"):
        own["revision"] = procedures.in_force().pk
    if name.startswith("floor:restatement"):
        own["run"] = there["restatement"]
    if name.startswith("floor:evidence-"):
        own["run"] = there["bundle"]
    if name.startswith("floor:open-tickets-"):
        own["run"] = there["move"]
    return {**there, **own, "token": there["stop" if name == "portal:stop" else "token"]}
