"""One ticket taken away as a file: verified by somebody who has only the file and its description (SOP 6.1)."""

from __future__ import annotations

import hashlib
import json
import subprocess
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import typst
from django.db.models import JSONField, Value
from django.test import Client
from django.utils import timezone, translation

from forthwith.desk import paper
from forthwith.people.permits import Actor
from forthwith.procedure import facts as f
from forthwith.record import door, exported, kinds, links, queries
from forthwith.record.models import Attachment, Entry, Message
from forthwith.steps import acts
from forthwith.ui import press, printing
from forthwith.ui.printing import NotPrinted
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, as_person
from tests.doors.homes import Home

HOSTILE = (
    '#include "/etc/passwd"\n#read("ticket.json") $ x $ `raw` *b* _i_ <label> @cite \\u{41} // gone /* gone */ ]) }\n'
    "日本語 😀 👍🏽 مرحبا עברית кириллица \u202eevil\u202c \x07 " + "x" * 4_000
)


@pytest.fixture
def number(desk: Desk) -> int:
    """A ticket with a hostile mail, a file, an answer and a note."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "Rui <rui@customer.example>", d.DESK, "#strong[日本語] 😀"
    made["Message-ID"] = "<hostile@customer.example>"
    made.set_content(HOSTILE)
    made.add_attachment(b"%PDF-1.4 x", maintype="application", subtype="pdf", filename="#eval.pdf")
    ticket = d.arrive(made.as_bytes(), timezone.now() - timedelta(hours=1)).ticket
    assert ticket
    desk.reply(ticket, timezone.now())
    acts.note(ticket, by=Actor.of(desk.ben), now=timezone.now(), text="Nur für uns: ß.")
    return ticket


def fetched(client: Client, number: int, kind: str) -> bytes:
    answer = client.get(f"/tickets/{number}/export/{kind}/")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == f'attachment; filename="ticket-{number}.{kind}"'
    assert "no-store" in answer.headers["Cache-Control"]
    return b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]


def digest(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def verify(text: bytes) -> dict[str, Any]:
    """What docs/export-format.md says, and nothing of the program."""
    whole: dict[str, Any] = json.loads(text)
    previous = ""
    for place, fact in enumerate(whole["facts"], 1):
        said = {key: value for key, value in fact.items() if key != "hash"}
        assert fact["seq"] == place
        assert fact["hash"] == digest({**said, "ticket": whole["ticket"]["number"], "previous": previous})
        previous = fact["hash"]
    assert previous == whole["chain"]["head"]
    for message in whole["messages"]:
        keys = ("kind", "incoming", "author", "address", "subject", "text", "new_text", "html", "mail_id", "written_at")
        files = [
            [file[key] for key in ("digest", "name", "type", "size", "inline", "content_id")]
            for file in message["files"]
        ]
        assert message["digest"] == digest({**{key: message[key] for key in keys}, "files": sorted(files)})
    kept = {message["id"]: message["digest"] for message in whole["messages"]}
    for fact in whole["facts"]:
        if "digest" in fact["data"]:
            assert kept[fact["data"]["message"]] == fact["data"]["digest"]
    return whole


@pytest.mark.sop("6.1")
def test_the_export_is_verified_by_its_description_alone(desk: Desk, number: int) -> None:
    whole = verify(fetched(as_person(desk.olga), number, "json"))
    assert whole["format"] == "forthwith.ticket/1"
    assert whole["chain"]["facts"] == len(whole["facts"]) == d.row(number).fact_count
    assert whole["chain"]["intact"] is True
    assert {message["kind"] for message in whole["messages"]} == {"public", "internal"}
    assert whole["messages"][0]["files"][0]["name"].endswith("eval.pdf")
    assert whole["people"][str(desk.ana.pk)] == {"name": "Ana", "address": "ana@desk.example"}
    assert whole["ticket"]["conformance"]["1.2"]["verdict"] == "met"
    assert whole["revisions"][str(d.row(number).revision_id)]["procedure"].count("\nformat:") == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda whole: whole["facts"][1].update(by=1),
        lambda whole: whole["facts"][1]["data"].update(missing=["device"]),
        lambda whole: whole["facts"].pop(1),
        lambda whole: whole["facts"].pop(),
        lambda whole: whole["messages"][0].update(text="Something else."),
        lambda whole: whole["messages"][0]["files"][0].update(digest="0" * 64),
    ],
)
def test_a_change_of_the_export_is_seen(desk: Desk, number: int, change: Any) -> None:
    whole = json.loads(fetched(as_person(desk.ana), number, "json"))
    change(whole)
    with pytest.raises(AssertionError):
        verify(json.dumps(whole).encode())


@pytest.mark.sop("6.1")
@pytest.mark.broken_record
@pytest.mark.parametrize(
    "damage",
    [
        {"kind": "Vanished"},
        {"data": Value(None, JSONField())},
        {"data": {"what": "is this"}},
        {"data": {"details": 7, "found": 1}},
    ],
)
def test_a_broken_record_is_exported_with_the_break_named(desk: Desk, number: int, damage: dict[str, Any]) -> None:
    client = as_person(desk.ana)
    Entry.objects.filter(ticket=number, seq=2).update(**damage)
    whole = json.loads(fetched(client, number, "json"))
    assert whole["chain"]["intact"] is False
    assert whole["chain"]["broken_at"] == 2
    assert whole["ticket"]["unreadable"].startswith("fact 2 (")
    assert whole["ticket"]["conformance"] is None
    assert len(whole["facts"]) == d.row(number).fact_count
    assert len(whole["messages"]) == 3
    for page in ("export/pdf/", "history/"):
        refused = client.get(f"/tickets/{number}/{page}")
        assert refused.status_code == 500
        assert "fact 2 (" in refused.content.decode()
        assert f"/tickets/{number}/export/json/" in refused.content.decode()


@pytest.mark.broken_record
def test_facts_that_contradict_one_another_are_exported(
    desk: Desk, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert json.loads(fetched(as_person(desk.ana), number, "json"))["ticket"]["unreadable"] is None
    with door.opened(number, by=Actor.of(desk.ana), now=timezone.now()) as case:
        case.log(f.Promised(at=case.now, by=desk.ana.pk, promise="p", what="A call", due=case.now))
        case.log(f.PromiseKept(at=case.now, by=desk.ana.pk, promise="p"))
    Entry.objects.filter(ticket=number, kind="Promised").delete()
    whole = json.loads(fetched(as_person(desk.ana), number, "json"))
    assert whole["ticket"]["unreadable"].startswith("the facts do not add up")
    assert whole["facts"][-1]["kind"] == "PromiseKept"


@pytest.mark.broken_record
@pytest.mark.parametrize("place", ["", "history/", "peek/", "clocks/"])
def test_a_page_of_a_damaged_record_says_so_and_leads_to_what_is_there(desk: Desk, number: int, place: str) -> None:
    Entry.objects.filter(ticket=number, kind="Categorised").update(kind="Catalogued")
    answer = as_person(desk.ana).get(f"/tickets/{number}/{place}", headers={"HX-Request": "true"})
    page = answer.content.decode()
    assert answer.status_code == 500
    assert "The record is damaged (fact" in page
    assert f'href="/tickets/{number}/export/json/"' in page
    assert "Back to the ticket" not in page


def test_everybody_whom_a_fact_names_is_among_the_people(desk: Desk, number: int) -> None:
    acts.note(number, by=Actor.of(desk.ana), now=timezone.now(), text="@olga look")
    people = json.loads(fetched(as_person(desk.ana), number, "json"))["people"]
    assert people[str(desk.olga.pk)]["name"] == desk.olga.name


@pytest.mark.broken_record
def test_the_export_is_english_whoever_takes_it(desk: Desk, number: int) -> None:
    Attachment.objects.filter(message__ticket=number).update(danger=kinds.PROGRAM)
    with translation.override("de"):
        whole = "".join(exported.pieces(d.row(number), timezone.now()))
    assert '"warning": "a program"' in whole


@pytest.mark.broken_record
def test_many_messages_are_read_in_batches(desk: Desk, number: int, django_assert_max_num_queries: Any) -> None:
    like = Message.objects.filter(ticket=number).order_by("pk")[0]
    copies = [Message(**{**_fields(like), "mail_id": f"copy-{place}"}) for place in range(250)]
    Message.objects.bulk_create(copies)
    client = as_person(desk.ana)
    with django_assert_max_num_queries(20):
        whole = json.loads(fetched(client, number, "json"))
    assert len(whole["messages"]) == 253


def _fields(like: Message) -> dict[str, Any]:
    return {
        field.attname: getattr(like, field.attname) for field in Message._meta.concrete_fields if not field.primary_key
    }


@pytest.mark.sop("6.1")
def test_the_pdf_is_a_record_that_hostile_text_cannot_break(desk: Desk, number: int) -> None:
    content = fetched(as_person(desk.ana), number, "pdf")
    assert content.startswith(b"%PDF-")
    assert content.rstrip().endswith(b"%%EOF")


@pytest.mark.broken_record
def test_what_is_printed_is_text_without_commands_and_tokens(desk: Desk, number: int) -> None:
    desk.resolve(number, timezone.now())
    token = links.token(number, desk.rui.pk)
    quoted = Message.objects.filter(ticket=number, incoming=True)[0]
    Message.objects.filter(pk=quoted.pk).update(new_text=f"See https://desk.example/t/{token}/ \u202e\x07 now")
    said = json.dumps(paper.content_of(d.row(number), timezone.now()), ensure_ascii=False)
    assert token not in said
    assert "/t/…/" in said
    assert "\u202e" not in said
    assert "\x07" not in json.loads(json.dumps(said))


def test_a_letter_that_no_font_has_is_named_or_boxed_and_the_record_says_so() -> None:
    assert press.spelled("😀") == "[grinning face]"
    assert press.spelled("日") == "□"
    assert press.spelled("\N{ZERO WIDTH JOINER}") == ""
    content = paper_of({"text": "日本語 漢字 😀 кириллица", "who": "ß"})
    assert press.printed(content, paper.TEMPLATE, system_fonts=False).startswith(b"%PDF-")


def paper_of(message: dict[str, str]) -> dict[str, Any]:
    shown = {
        "kind": "note",
        "says": "",
        "address": "",
        "at": "",
        "cut": True,
        "digest": "ab" * 32,
        "files": ["a"],
    } | message
    said = {"labels": paper._labels(), "number": 7, "subject": "#x", "printed": "now", "about": [["a", "b"]]}
    left_out = {"clocks_left_out": 1, "messages_left_out": 2, "facts_left_out": 3}
    return said | left_out | {"clocks": [], "steps": [], "messages": [shown], "facts": [], "chain": [["a", "b"]]}


@pytest.mark.broken_record
def test_a_large_ticket_is_printed_in_part_and_says_so(desk: Desk, number: int) -> None:
    like = Message.objects.filter(ticket=number).order_by("pk")[0]
    copies = [Message(**{**_fields(like), "new_text": "word " * 8_000}) for _ in range(100)]
    Message.objects.bulk_create(copies)
    content = paper.content_of(d.row(number), timezone.now())
    assert sum(len(one["text"]) for one in content["messages"]) <= paper.MOST_TEXT
    assert content["messages_left_out"] > 0
    assert all(one["cut"] for one in content["messages"] if len(one["text"]) >= paper.LONGEST_TEXT)
    assert press.printed(content, paper.TEMPLATE).startswith(b"%PDF-")


@pytest.mark.broken_record
def test_what_is_not_read_for_the_paper_is_counted(desk: Desk, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    other = d.new_ticket(timezone.now())
    acts.merge(other, by=Actor.of(desk.ana), now=timezone.now(), into=number)
    whole = paper.content_of(d.row(number), timezone.now())
    says = [one["says"] for one in whole["messages"]]
    assert [one for one in says if f"of #{other}" in one] != []
    assert [one for one in says if f"of #{other}" not in one] != []
    assert (whole["messages_left_out"], whole["clocks_left_out"]) == (0, 0)
    monkeypatch.setattr(queries, "MOST_MESSAGES", 2)
    monkeypatch.setattr(paper, "MOST_CLOCKS", 1)
    part = paper.content_of(d.row(number), timezone.now())
    assert part["messages_left_out"] == len(whole["messages"]) - 2
    assert part["clocks_left_out"] == len(whole["clocks"]) - 1
    assert press.printed(part, paper.TEMPLATE).startswith(b"%PDF-")


def test_letters_are_looked_for_in_one_go_whatever_they_belong_to() -> None:
    compiler = Counted()
    lost = press._lost(compiler, list("日本語 é ж 😀 \u0e01 \u1200 \ufffe '\N{COMBINING ACUTE ACCENT}"))
    assert lost == set("日本語😀\u0e01\u1200\ufffe")
    assert compiler.times == 1


class Counted:
    """A press without fonts of the machine, and how often it was asked."""

    def __init__(self) -> None:
        self.times = 0
        self._own = typst.Compiler(ignore_system_fonts=True)

    def compile(self, **asked: Any) -> Any:
        self.times += 1
        return self._own.compile(**asked)


def test_who_asks_while_another_record_is_printed_is_told_when_to_come_again(desk: Desk, number: int) -> None:
    with printing._PRESSES:
        answer = as_person(desk.ana).get(f"/tickets/{number}/export/pdf/")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "30"
    assert "Other documents are being printed" in answer.content.decode()


def test_without_the_package_a_sentence_says_what_it_takes(
    desk: Desk, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing, "find_spec", lambda name: None)
    answer = as_person(desk.ana).get(f"/tickets/{number}/export/pdf/")
    assert answer.status_code == 501
    assert "pip install" in answer.content.decode()
    assert f"/tickets/{number}/export/json/" in answer.content.decode()


def test_what_takes_too_long_or_fails_ends_in_a_sentence(desk: Desk, number: int) -> None:
    content = paper.content_of(d.row(number), timezone.now())
    with pytest.raises(NotPrinted, match="took too long"):
        printing.printed(content, paper.TEMPLATE, instead="Wait.", within_s=0.001)
    with pytest.raises(NotPrinted, match="could not be printed"):
        printing.printed({"labels": {}}, paper.TEMPLATE, instead="Wait.")
    assert printing.printed(content, paper.TEMPLATE, instead="").startswith(b"%PDF-")


def test_who_may_not_read_the_ticket_gets_no_file_and_nobody_gets_too_many(desk: Desk, number: int) -> None:
    for kind in ("json", "pdf"):
        address = f"/tickets/{number}/export/{kind}/"
        assert as_person(desk.rui).get(address).status_code in (302, 403)
        assert Client().get(address).status_code == 302
        assert as_person(desk.ana).get(f"/tickets/9999/export/{kind}/").status_code == 404
    client = as_person(desk.ben)
    statuses = [client.get(f"/tickets/{number}/export/json/").status_code for _ in range(31)]
    assert statuses == [200] * 30 + [429]
    assert as_person(desk.ana).get(f"/tickets/{number}/export/json/").status_code == 200


@pytest.mark.sop("6.1")
def test_the_command_writes_both(home: Home, tmp_path: Path) -> None:
    text, pdf = tmp_path / "one.json", tmp_path / "one.pdf"
    assert home.run("ticket", "export", "1", "--json", str(text)).returncode == 0
    assert verify(text.read_bytes())["ticket"]["number"] == 1
    assert home.run("ticket", "export", "1", "--pdf", str(pdf)).returncode == 0
    assert pdf.read_bytes().startswith(b"%PDF-")
    piped: subprocess.CompletedProcess[str] = home.run("ticket", "export", "1", "--json", "-")
    assert verify(piped.stdout.encode())["ticket"]["number"] == 1
    missing = home.run("ticket", "export", "1", "--json", str(tmp_path / "no" / "where.json"))
    assert (missing.returncode, "could not be written" in missing.stderr) == (1, True)
    assert home.run("ticket", "export", "77", "--json", "-").returncode == 1
    assert list(tmp_path.glob(".*")) == []
