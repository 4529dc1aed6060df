"""Files that go with a reply, and a mail that was lost sent again, from the ticket's page."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from forthwith.outbox.composed import compose
from forthwith.outbox.models import Outgoing
from forthwith.procedure import facts as f
from forthwith.record import files, links
from forthwith.record.models import Attachment, Message
from forthwith.steps import respond, workflow
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, as_person

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x40\0\0\0\x20"


@pytest.fixture
def number(desk: Desk) -> int:
    return d.new_ticket(timezone.now())


@pytest.fixture
def ana(desk: Desk) -> Client:
    return as_person(desk.ana)


def send(client: Client, number: int, *attached: SimpleUploadedFile, **more: str) -> Any:
    said = {"mode": "reply", "text": "See the plan.", "next_step": "I call you at noon.", **more}
    return client.post(f"/tickets/{number}/write/", {**said, "attached": list(attached)})


@pytest.mark.sop("4.3", "6.1")
def test_files_of_a_reply_are_kept_sent_and_shown_on_both_pages(ana: Client, desk: Desk, number: int) -> None:
    plan = SimpleUploadedFile("C:\\plans\\Büro.pdf", b"%PDF plan", content_type="application/pdf")
    assert send(ana, number, plan, SimpleUploadedFile("screen.jpg", PNG, content_type="image/jpeg")).status_code == 302
    message = Message.objects.get(ticket=number, incoming=False)
    kept = list(Attachment.objects.filter(message=message).order_by("pk"))
    assert [(file.name, file.inline, file.size) for file in kept] == [
        ("Büro.pdf", False, 9),
        ("screen.jpg", True, len(PNG)),
    ]
    assert all(files.intact(file.digest) for file in kept)
    raw = compose(Outgoing.objects.get(message=message))
    assert raw.count(b"Content-Disposition: ") == 2
    assert kept[1].content_id.encode() in raw
    theirs = f"/t/{links.token(number, desk.rui.pk)}/"
    for client, page in ((ana, f"/tickets/{number}/"), (Client(), theirs)):
        shown = client.get(page).content.decode()
        assert "Büro.pdf" in shown
        assert "screen.jpg" in shown
    got = Client().get(f"{theirs}files/{kept[0].pk}/")
    assert b"".join(got) == b"%PDF plan"


def test_the_form_sends_files_with_and_without_scripts(ana: Client, number: int) -> None:
    page = ana.get(f"/tickets/{number}/").content.decode()
    assert 'enctype="multipart/form-data" hx-encoding="multipart/form-data"' in page
    assert '<input type="file" id="reply-files" name="attached" multiple' in page
    assert "Files, 18 MB together" in page
    assert respond.LARGEST_FILES == 18_000_000


@pytest.mark.parametrize(
    ("size", "count", "says"), [(60, 2, "may have 0 MB together"), (1, 21, "takes up to 20 files; these are 21")]
)
def test_too_much_is_refused_in_words_and_the_text_is_still_there(
    ana: Client, number: int, monkeypatch: pytest.MonkeyPatch, size: int, count: int, says: str
) -> None:
    monkeypatch.setattr(respond, "LARGEST_FILES", 100)
    refused = send(ana, number, *(SimpleUploadedFile(f"{n}.bin", b"x" * size) for n in range(count)))
    page = refused.content.decode()
    assert refused.status_code == 422
    assert says in page
    assert "Choose the files once more." in page
    assert "See the plan." in page
    assert not Attachment.objects.exists()


def test_an_empty_file_is_refused_by_name_of_its_field(ana: Client, number: int) -> None:
    refused = send(ana, number, SimpleUploadedFile("a.txt", b""))
    assert refused.status_code == 422
    assert "The submitted file is empty" in refused.content.decode()


def lose(number: int) -> Outgoing:
    d.deliver_all(timezone.now(), refused="550 5.1.1 no such user")
    return Outgoing.objects.get(ticket=number, purpose="acknowledgement")


@pytest.mark.sop("2.2", "4.3")
def test_a_lost_mail_says_why_in_words_and_is_sent_again_from_the_page(ana: Client, number: int) -> None:
    lost = lose(number)
    page = ana.get(f"/tickets/{number}/").content.decode()
    assert "there is no such mailbox" in page
    assert "550 5.1.1 no such user" in page
    assert f"/tickets/{number}/do/send-again/?mail={lost.pk}" in page
    form = ana.get(f"/tickets/{number}/do/send-again/?mail={lost.pk}").content.decode()
    assert f'<option value="{lost.pk}" selected>Acknowledgement to rui@customer.example</option>' in form
    sent = ana.post(f"/tickets/{number}/do/send-again/", {"mail": lost.pk, "address": "rui@home.example"})
    assert sent.status_code == 302
    lost.refresh_from_db()
    assert (lost.state, lost.address, lost.error) == ("queued", "rui@home.example", "")
    assert "sent the acknowledgement again, to rui@home.example" in ana.get(f"/tickets/{number}/").content.decode()
    again = ana.post(f"/tickets/{number}/do/send-again/", {"mail": lost.pk})
    assert again.status_code == 422


def test_a_mail_that_came_back_is_shown_so_and_can_be_sent_again(ana: Client, number: int) -> None:
    now = timezone.now()
    d.deliver_all(now)
    row = Outgoing.objects.get(ticket=number, purpose="acknowledgement")
    workflow.on_bounce(row, why="552 5.2.2 mailbox full", now=now)
    page = ana.get(f"/tickets/{number}/").content.decode()
    assert "came back from rui@customer.example" in page
    assert "the mailbox is full" in page
    assert ana.post(f"/tickets/{number}/do/send-again/", {"mail": row.pk}).status_code == 302
    assert len(d.facts(number, f.SentAgain)) == 1


def test_who_only_reads_is_offered_nothing_and_can_do_nothing(desk: Desk, number: int) -> None:
    lost, olga = lose(number), as_person(desk.olga)
    assert "send-again" not in olga.get(f"/tickets/{number}/").content.decode()
    assert olga.post(f"/tickets/{number}/do/send-again/", {"mail": lost.pk}).status_code in (302, 403, 404)
    assert d.facts(number, f.SentAgain) == []
