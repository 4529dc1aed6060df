"""The ticket page: what it shows, to whom, and that nothing from outside can do harm there (SOP 6.1)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from forthwith.desk.history import sentence
from forthwith.desk.names import Names
from forthwith.people.permits import Actor
from forthwith.procedure import document
from forthwith.procedure import facts as f
from forthwith.record import links
from forthwith.record.models import Attachment, Message
from forthwith.steps import acts, workflow
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, as_person

HOSTILE = '<p>Hello <b>you</b></p><script>alert(1)</script><img src="https://spy.example/x.png" onerror="alert(2)">'


def page(client: Client, number: int) -> str:
    answer = client.get(f"/tickets/{number}/")
    assert answer.status_code == 200
    return str(answer.content.decode())


def hour_ago() -> Any:
    return timezone.now() - timedelta(hours=1)


def hostile_mail() -> int:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "Rui <rui@customer.example>", d.DESK, "<b>Look</b>"
    made["Message-ID"] = "<hostile@customer.example>"
    made.set_content("Look at <script>alert(3)</script> this.\n\n> quoted words")
    made.add_alternative(HOSTILE, subtype="html")
    made.add_attachment(b"<script>alert(4)</script>", maintype="text", subtype="html", filename="page.html")
    receipt = d.arrive(made.as_bytes(), hour_ago())
    assert receipt.ticket
    return receipt.ticket


@pytest.mark.parametrize("who", ["ana", "sam", "lea", "adam", "olga"])
def test_the_desk_reads_every_ticket(desk: Desk, who: str) -> None:
    number = d.new_ticket(hour_ago())
    text = page(as_person(getattr(desk, who)), number)
    assert "prints only blank pages" in text
    assert ('id="composer"' in text) == (who != "olga")
    assert ('/do/resolve/"' in text) == (who != "olga")


def test_what_does_not_exist_is_not_found(desk: Desk) -> None:
    client = as_person(desk.ana)
    number = d.new_ticket(hour_ago())
    for address in ("/tickets/999/", f"/tickets/{number}/files/9/", f"/tickets/{number}/messages/999/formatted/"):
        assert client.get(address).status_code == 404
    assert client.post(f"/tickets/{number}/do/nonsense/").status_code == 404
    assert client.post("/tickets/999/do/take/").status_code == 404


def test_files_of_another_ticket_are_not_reached_through_this_one(desk: Desk) -> None:
    number, other = hostile_mail(), d.new_ticket(hour_ago())
    file, message = Attachment.objects.get(), Message.objects.get(ticket_id=number, kind="public")
    client = as_person(desk.ana)
    assert client.get(f"/tickets/{other}/files/{file.pk}/").status_code == 404
    assert client.get(f"/tickets/{other}/messages/{message.pk}/text/").status_code == 404


def test_mail_from_outside_can_do_no_harm(desk: Desk) -> None:
    number = hostile_mail()
    client = as_person(desk.ana)
    text = page(client, number)
    assert "<script>alert" not in text
    assert "&lt;b&gt;Look&lt;/b&gt;" in text
    message = Message.objects.get(ticket_id=number, kind="public")
    formatted = client.get(f"/tickets/{number}/messages/{message.pk}/formatted/")
    assert b"<b>you</b>" in formatted.content
    assert b"script" not in formatted.content
    for answer in (formatted, client.get(f"/tickets/{number}/files/{Attachment.objects.get().pk}/")):
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "sandbox;" in policy
        assert "script-src" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert b"alert(4)" in b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert answer.headers["Content-Disposition"] == 'attachment; filename="page.html"'
    assert answer.headers["Content-Type"] == "application/octet-stream"


def test_quoted_text_is_folded(desk: Desk) -> None:
    number = d.new_ticket(hour_ago())
    desk.reply(number, timezone.now(), "Which printer is it?")
    thread = Message.objects.filter(ticket_id=number, kind="public", incoming=False).get().mail_id
    answer = "The one by the stairs.\n\nOn Monday Ana wrote:\n> Which printer is it?"
    d.arrive(d.mail(answer, subject="Re: Printer", in_reply_to=f"<{thread}>"), timezone.now())
    text = page(as_person(desk.ana), number)
    assert re.search(r'<div class="body" dir="auto">The one by the stairs\.</div>', text)
    assert "Show quoted text" in text


def test_a_note_looks_like_no_reply(desk: Desk) -> None:
    number = d.new_ticket(hour_ago())
    acts.note(number, by=Actor.of(desk.ana), now=timezone.now(), text="He is always like that.")
    text = page(as_person(desk.ben), number)
    assert re.search(r'<article class="message note".*?Internal note.*?He is always like that', text, re.DOTALL)


@pytest.mark.sop("2.2")
def test_delivery_is_shown_as_it_is(desk: Desk) -> None:
    number = d.new_ticket(hour_ago())
    desk.reply(number, timezone.now())
    client = as_person(desk.ana)
    assert "queued" in page(client, number)
    d.deliver_all(timezone.now() + timedelta(minutes=1))
    assert re.search(r"sent \d\d:\d\d", page(client, number))
    desk.reply(number, timezone.now() + timedelta(minutes=2), "Once more.")
    d.deliver_all(timezone.now() + timedelta(minutes=3), refused="550 no such mailbox here")
    text = page(client, number)
    assert "not delivered to rui@customer.example" in text
    assert "550 no such mailbox here" in text
    assert "A mail to the requester was not delivered" in text


def test_a_requesters_own_link_is_shown_to_nobody_else(desk: Desk) -> None:
    number = d.new_ticket(hour_ago())
    desk.reply(number, timezone.now())
    desk.resolve(number, timezone.now())
    d.deliver_all(timezone.now())
    token = links.token(number, desk.rui.pk)
    assert token in d.posted("acknowledgement")[0].text
    text = page(as_person(desk.olga), number)
    assert "/t/…/" in text
    assert token not in text


def test_a_crashed_alarm_is_shown(desk: Desk) -> None:
    number = d.new_ticket(hour_ago())
    workflow.set_alarm_aside(number, "ZeroDivisionError: division by zero", timezone.now())
    assert "ZeroDivisionError" in page(as_person(desk.ana), number)
    assert "its alarm failed" in as_person(desk.ana).get("/").content.decode()


@pytest.mark.sop("6.1")
def test_verdicts_name_their_facts_and_clocks_their_reasons(desk: Desk) -> None:
    number = d.new_ticket(timezone.now() - timedelta(days=4))
    desk.reply(number, timezone.now() - timedelta(days=3))
    text = page(as_person(desk.ana), number)
    for step in ("1.1", "2.2", "4.3", "7.2"):
        assert f"<b>{step}</b>" in text
    assert re.search(r'<a href="#fact-line-1" title="Rui Silva asked by email">1</a>', text)
    assert 'id="fact-line-1"' in text
    for address in ("", "clocks/"):
        counted = as_person(desk.ana).get(f"/tickets/{number}/{address}").content.decode()
        assert "business hours" in counted
        assert "outside hours" in counted


@pytest.mark.sop("4.3")
def test_clocks_that_have_ended_stand_below_those_that_run_the_latest_first(desk: Desk) -> None:
    now = timezone.now()
    number = d.new_ticket(now - timedelta(hours=2))
    d.deliver_all(now - timedelta(hours=2))
    desk.reply(number, now - timedelta(minutes=90))
    client = as_person(desk.ana)
    ended = page(client, number).partition('<ul class="inside ended">')[2].partition("</ul>")[0]
    assert ended.index("first response") < ended.index("acknowledgement")
    assert "met" in ended
    explained = client.get(f"/tickets/{number}/clocks/").content.decode().lower()
    assert explained.index("next update") < explained.index("first response") < explained.index("acknowledgement")


def test_times_are_the_readers_own(desk: Desk) -> None:
    number = d.new_ticket(hour_ago())
    desk.ana.zone = "Asia/Kathmandu"
    desk.ana.save(update_fields=["zone"])
    assert "+0545" in page(as_person(desk.ana), number)
    desk.ana.zone = "Nowhere/Land"
    desk.ana.save(update_fields=["zone"])
    assert "UTC" in page(as_person(desk.ana), number)


def test_the_requesters_other_open_tickets_are_there(desk: Desk) -> None:
    number, other = d.new_ticket(hour_ago()), d.new_ticket(hour_ago(), subject="The scanner too")
    assert f'href="/tickets/{other}/">#{other}</a>' in page(as_person(desk.ana), number)


def test_a_text_that_is_too_long_is_shortened_with_a_way_to_all_of_it(desk: Desk) -> None:
    number = d.new_ticket(hour_ago(), d.COMPLETE + " blank" * 10_000)
    client = as_person(desk.ana)
    assert "Read the whole text" in page(client, number)
    message = Message.objects.get(ticket_id=number, kind="public")
    assert len(client.get(f"/tickets/{number}/messages/{message.pk}/text/").content) > 60_000


def test_every_fact_has_its_sentence(desk: Desk) -> None:
    names = Names(document.standard())
    values: dict[str, Any] = {"details": ("device",), "at": d.MONDAY, "due": d.MONDAY, "minutes": 0, "score": 5}
    for kind in f.KINDS.values():
        needed = {name: values.get(name, "x") for name in f._OWN[kind] if name not in ("told", "found", "missing")}
        assert sentence(kind(at=d.MONDAY, **(needed | _dates(kind))), names)


def _dates(kind: type[f.Fact]) -> dict[str, Any]:
    dated = {"until", "due", "next_update", "resolution_estimate", "unanswered_since"}
    return {name: d.MONDAY for name in f._OWN[kind] if name in dated} | (
        {"follows": 3} if kind is f.Received else {"moot": True} if kind is f.Escalated else {}
    )


def test_the_number_of_queries_does_not_grow(desk: Desk, django_assert_max_num_queries: Any) -> None:
    number = d.new_ticket(hour_ago())
    client = as_person(desk.ana)
    page(client, number)
    with django_assert_max_num_queries(15) as few:
        page(client, number)
    for place in range(20):
        desk.reply(number, timezone.now(), f"Answer {place}")
        acts.note(number, by=Actor.of(desk.ben), now=timezone.now(), text=f"Note {place}")
        d.new_ticket(timezone.now())
    with django_assert_max_num_queries(15) as many:
        page(client, number)
    assert len(few) <= len(many) <= len(few) + 1, "one more for the messages' files"


@pytest.mark.sop("4.1")
def test_who_is_available_outside_the_shift_is_told_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    number = d.new_ticket(hour_ago())
    desk.ana.shift = "business"
    desk.ana.save(update_fields=["shift"])
    client = as_person(desk.ana)
    for hour, off in ((11, False), (22, True)):
        monkeypatch.setattr(timezone, "now", lambda hour=hour: datetime(2026, 11, 23, hour, tzinfo=UTC))
        for text in (page(client, number), client.get("/").content.decode()):
            assert ("off shift</span>" in text) == off
            assert ("outside your shift" in text) == off


def test_a_long_file_name_is_shown_whole_and_said_in_the_title(desk: Desk) -> None:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "Rui <rui@customer.example>", d.DESK, "Look"
    made["Message-ID"] = "<long@customer.example>"
    made.set_content(d.COMPLETE)
    name = "a" * 150 + ".txt"
    made.add_attachment("x", filename=name)
    receipt = d.arrive(made.as_bytes(), hour_ago())
    assert receipt.ticket
    text = page(as_person(desk.ana), receipt.ticket)
    assert f'title="{name}"' in text
    assert f'<span class="file-name">{name}</span>' in text


def test_what_is_missing_is_said_to_the_agent(desk: Desk) -> None:
    receipt = d.arrive(d.mail("Help!", subject="Help"), hour_ago())
    assert receipt.ticket
    assert "The requester has not said yet:" in page(as_person(desk.ana), receipt.ticket)


@pytest.mark.sop("4.3")
def test_the_counted_stretches_add_up_to_the_target(desk: Desk) -> None:
    number = d.new_ticket(timezone.now() - timedelta(days=2, seconds=17))
    text = as_person(desk.ana).get(f"/tickets/{number}/clocks/").content.decode()
    explained = re.findall(r"<p>([^<]*) of counted time from .*?</ol>", text, re.DOTALL)
    lists = re.findall(r'<ol class="stretches">(.*?)</ol>', text, re.DOTALL)
    sums = [sum(map(seconds, re.findall(r"<span>counted ([^<]*?) <", one))) for one in lists]
    assert explained
    late = [total > seconds(target) for target, total in zip(explained, sums, strict=True)]
    assert not all(late)
    for target, total, is_late in zip(explained, sums, late, strict=True):
        assert is_late or total == seconds(target)


@pytest.mark.sop("4.3")
def test_a_clock_is_drawn_with_why_it_stood_still_and_leads_to_its_target(desk: Desk) -> None:
    start = timezone.now() - timedelta(days=9)
    number = d.new_ticket(start)
    acts.wait(number, by=Actor.of(desk.ana), now=start + timedelta(days=3))
    text = as_person(desk.ana).get(f"/tickets/{number}/clocks/").content.decode()
    assert "waiting for the requester" in text
    assert 'data-why="paused"' in text
    assert '<path class="strip-paused" d="M' in text
    revision = d.row(number).revision_id
    assert (
        f'href="/procedure/revisions/{revision}/#priority-medium">Medium: resolution 24 h in calendar business' in text
    )
    assert f"Acknowledgement 15 min round the clock; revision {revision}" in text


def test_a_long_run_of_what_the_desk_did_is_folded(desk: Desk) -> None:
    number = d.new_ticket(hour_ago())
    client = as_person(desk.ana)
    assert 'class="run"' not in page(client, number)
    for place in range(6):
        acts.assign(
            number,
            by=Actor.of(desk.lea),
            now=timezone.now(),
            team=("network_team", "service_desk")[place % 2],
            assignee=None,
        )
    desk.reply(number, timezone.now(), "We look.")
    text = page(client, number)
    (run,) = re.findall(r'<details class="run".*?<article', text, re.DOTALL)
    folded, _, shown = run.partition("acts and mails since")[2].rpartition("</details>")
    assert folded.count("put it in the queue of") >= 4
    assert shown.count("put it in the queue of") == 2, "the last ones stay in sight"
    assert "We look." not in run


def seconds(said: str) -> int:
    size = {"h": 3600, "min": 60, "s": 1}
    return sum(int(count) * size[unit] for count, unit in re.findall(r"(\d+) (h|min|s)\b", said))
