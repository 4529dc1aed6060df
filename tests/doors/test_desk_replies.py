"""Macros and saved replies at the desk: offered, filled in, sent with what they do, and looked after (SOP 4.2, 4.3)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from forthwith.outbox.models import Outgoing
from forthwith.people.models import Person
from forthwith.people.permits import Actor
from forthwith.procedure import document
from forthwith.procedure import facts as f
from forthwith.procedure.wording import IN_REPLIES
from forthwith.record import links, replies
from forthwith.record.begun import Held, Unsent
from forthwith.record.models import Message
from forthwith.record.replies import EVERYBODY, SavedReply
from forthwith.steps import acts, writing
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, as_person


@pytest.fixture
def number(desk: Desk) -> int:
    return d.new_ticket(timezone.now() - timedelta(minutes=5))


def offers(person: Person, number: int) -> list[str]:
    answer = as_person(person).get(f"/tickets/{number}/replies/")
    assert answer.status_code == 200, answer.content
    return re.findall(r'data-what="([^"]+)"', answer.content.decode())


def fill(person: Person, number: int, what: str) -> Any:
    answer = as_person(person).post(f"/tickets/{number}/replies/fill/", {"what": what})
    assert answer.status_code == 200, answer.content
    return answer.json()


def fields(html: str) -> dict[str, str]:
    """The hidden fields that the composer's form sends."""
    return dict(re.findall(r'<input type="hidden" form="write-reply" name="(\w+)" value="([^"]*)">', html))


def send(person: Person, number: int, **data: Any) -> Any:
    return as_person(person).post(f"/tickets/{number}/write/", {"mode": "reply", "text": "Words.", **data})


def save(person: Person, **data: Any) -> Any:
    return as_person(person).post("/replies/", {"name": "Room", "text": "Room 1.12", "shared": "", **data})


def kept(owner: Person, **data: Any) -> SavedReply:
    return SavedReply.objects.create(**{"owner": owner, "name": "Room", "text": "Hello {requester}", **data})


# --- Macros -----------------------------------------------------------------------------------------------


@pytest.mark.sop("4.2")
def test_macros_that_fit_are_offered_best_first_and_what_is_used_moves_up(desk: Desk, number: int) -> None:
    before = offers(desk.ana, number)
    assert "macro:vpn_reconnect" not in before, "made for another category"
    acts.categorise(number, by=Actor.of(desk.ana), now=timezone.now(), category="network.wifi")
    assert offers(desk.ana, number)[0] == "macro:vpn_reconnect", "made for this one comes first"
    general = [what for what in offers(desk.ana, number) if what != "macro:vpn_reconnect"]
    fill(desk.ana, number, general[-1])
    assert offers(desk.ana, number)[1] == general[-1]
    assert offers(desk.ben, number)[1] == general[0], "each person's own use"


@pytest.mark.sop("4.2")
def test_a_macro_for_a_team_is_offered_there_alone(desk: Desk) -> None:
    macro = "  working_on_it:\n    name: We work on it\n"
    d.install(d.variant(("undo: 10 s", "undo: 0 s"), (macro, f"{macro}    teams: [network_team]\n")))
    number = d.new_ticket(timezone.now())
    assert "macro:working_on_it" not in offers(desk.ana, number)
    answer = as_person(desk.ana).post(f"/tickets/{number}/replies/fill/", {"what": "macro:working_on_it"})
    assert (answer.status_code, "Choose another" in answer.json()["wrong"]) == (404, True)
    acts.assign(number, by=Actor.of(desk.lea), now=timezone.now(), team="network_team", assignee=None)
    assert "macro:working_on_it" in offers(desk.ana, number)


@pytest.mark.sop("4.3", "6.1")
def test_a_macro_and_what_it_does_leave_with_the_reply(desk: Desk, number: int) -> None:
    acts.categorise(number, by=Actor.of(desk.ana), now=timezone.now(), category="network.wifi")
    filled = fill(desk.ana, number, "macro:vpn_reconnect")
    assert filled["text"].startswith("Hello Rui Silva,\n")
    assert filled["next"] == "You try it and tell me whether it works."
    assert fields(filled["also"]) == {
        "macro": "vpn_reconnect",
        "category": "network.vpn",
        "also_then": "wait",
    }
    assert "category Network › VPN" in filled["also"]
    assert not d.facts(number, f.Replied, f.WaitingOnRequester), "nothing has happened yet"
    shown = as_person(desk.ana).get(f"/tickets/{number}/").content.decode()
    assert fields(shown) == fields(filled["also"]), "it is there after a reload, and on another device"
    answer = send(desk.ana, number, text=filled["text"], next_step=filled["next"], **fields(filled["also"]))
    assert answer.status_code == 302, answer.content.decode()[:2000]
    (replied,) = d.facts(number, f.Replied)
    assert replied.macro == "vpn_reconnect"
    assert [fact.category for fact in d.facts(number, f.Categorised)][-1] == "network.vpn"
    assert d.kinds(number)[-1] == "WaitingOnRequester"
    (mail,) = d.posted("reply")
    assert "1. Disconnect" in mail.text
    shown = as_person(desk.ana).get(f"/tickets/{number}/").content.decode()
    assert "with the macro &#x27;VPN: set the connection up anew&#x27;" in shown
    assert fields(shown) == {}, "what was sent is not proposed again"


@pytest.mark.sop("4.3")
def test_what_a_macro_proposes_can_be_taken_back_one_by_one(desk: Desk, number: int) -> None:
    acts.categorise(number, by=Actor.of(desk.ana), now=timezone.now(), category="network.wifi")
    fill(desk.ana, number, "macro:vpn_reconnect")
    client = as_person(desk.ana)
    for name in ("then", "category"):
        left = client.post(f"/tickets/{number}/replies/drop/", {"drop": name}).content.decode()
    assert fields(left) == {"macro": "vpn_reconnect"}
    send(desk.ana, number, next_step="Noon.", **fields(left))
    assert d.row(number).category == "network.wifi"
    assert d.kinds(number)[-1] == "Replied" or d.kinds(number)[-1] == "Assigned"
    assert d.facts(number, f.Replied)[0].macro == "vpn_reconnect"


@pytest.mark.sop("3.2")
def test_a_macro_sets_the_priority_with_its_reason_and_only_where_it_changes(desk: Desk, number: int) -> None:
    also = fields(fill(desk.ana, number, "macro:known_outage")["also"])
    assert (also["impact"], also["urgency"]) == ("widespread", "stopped")
    before = len(d.facts(number, f.Prioritised))
    send(desk.ana, number, next_step="Noon.", **also)
    raised = d.facts(number, f.Prioritised)
    assert (raised[-1].priority, raised[-1].why) == ("critical", "with the macro 'A known outage'")
    send(desk.ana, number, next_step="Noon.", **also)
    assert len(d.facts(number, f.Prioritised)) == before + 1


@pytest.mark.sop("4.3")
def test_what_is_refused_with_a_reply_is_refused_as_a_whole(desk: Desk, number: int) -> None:
    before = d.kinds(number)
    answer = send(desk.ana, number, next_step="Noon.", category="no.such", also_then="wait")
    assert answer.status_code == 422
    assert "There is no category" in answer.content.decode()
    answer = send(desk.ana, number, category="network.vpn", also_then="wait")
    assert "Say what happens next" in answer.content.decode(), "the first answer needs a next step"
    assert d.kinds(number) == before
    assert not Outgoing.objects.filter(purpose="reply").exists()


@pytest.mark.sop("3.1", "3.2")
def test_a_reason_names_a_macro_that_there_is_or_none(desk: Desk, number: int) -> None:
    level = {"impact": "widespread", "urgency": "stopped"}
    send(desk.ana, number, next_step="Noon.", category="network.vpn", macro="made_up", name="Made up", **level)
    whys = [fact.why for fact in d.facts(number, f.Categorised, f.Prioritised) if fact.by]
    assert (whys, d.facts(number, f.Replied)[0].macro) == (["set together with an answer"] * 2, "")


@pytest.mark.sop("3.1")
def test_a_macro_undoes_nothing_that_somebody_has_just_chosen(desk: Desk, number: int) -> None:
    seen = d.row(number).fact_count
    acts.categorise(number, by=Actor.of(desk.ben), now=timezone.now(), category="network.wifi")
    answer = send(desk.ana, number, next_step="Noon.", category="network.vpn", seen=seen)
    assert (answer.status_code, d.row(number).category) == (409, "network.wifi")
    assert "Ben chose a category since you looked" in answer.content.decode()
    assert not d.facts(number, f.Replied)
    level = {"impact": "widespread", "urgency": "stopped"}
    seen = d.row(number).fact_count
    acts.prioritise(number, by=Actor.of(desk.ben), now=timezone.now(), impact="one", urgency="stopped", why="her work")
    assert send(desk.ana, number, next_step="Noon.", seen=seen, **level).status_code == 409


@pytest.mark.sop("4.3")
def test_on_a_resolved_ticket_a_macro_answers_and_does_no_more(desk: Desk, number: int) -> None:
    acts.categorise(number, by=Actor.of(desk.ana), now=timezone.now(), category="network.wifi")
    desk.resolve(number, timezone.now(), category="network.wifi")
    offered = as_person(desk.ana).get(f"/tickets/{number}/replies/").content.decode()
    assert "macro:vpn_reconnect" in offered
    assert "wait for the requester" not in offered
    also = fields(fill(desk.ana, number, "macro:vpn_reconnect")["also"])
    assert also == {"macro": "vpn_reconnect"}
    assert send(desk.ana, number, **also).status_code == 302


@pytest.mark.sop("3.2", "6.1")
def test_the_priority_of_a_macro_is_set_with_the_solution_too(desk: Desk, number: int) -> None:
    also = fields(fill(desk.ana, number, "macro:known_outage")["also"])
    shown = send(desk.ana, number, next_step="Noon.", then="resolve", **also).content.decode()
    hidden = dict(re.findall(r'<input type="hidden" name="(macro|impact|urgency)" value="([^"]*)"', shown))
    said = {"cause": "Outage.", "solution": "It works again.", "category": "network.vpn", "knowledge": "not needed"}
    said |= {**hidden, "seen": str(d.row(number).fact_count)}
    answer = as_person(desk.ana).post(f"/tickets/{number}/do/resolve/", said)
    assert (answer.status_code, d.row(number).status, d.row(number).priority) == (302, "resolved", "critical")
    assert d.facts(number, f.Prioritised)[-1].why == "with the macro 'A known outage'"


@pytest.mark.sop("4.3")
def test_a_button_goes_before_what_a_macro_proposes(desk: Desk, number: int) -> None:
    send(desk.ana, number, next_step="Noon.", then="hold", also_then="wait")
    assert d.kinds(number)[-1] == "PutOnHold"


@pytest.mark.sop("4.3")
def test_a_held_reply_keeps_what_goes_with_it(desk: Desk) -> None:
    d.install(document.standard_text(), timezone.now() - timedelta(days=1))
    number = d.new_ticket(timezone.now() - timedelta(minutes=5))
    acts.categorise(number, by=Actor.of(desk.ana), now=timezone.now(), category="network.wifi")
    also = fields(fill(desk.ana, number, "macro:vpn_reconnect")["also"])
    send(desk.ana, number, next_step="Noon.", **also)
    assert d.row(number).category == "network.wifi", "tried, and nothing of it kept"
    assert not d.facts(number, f.Replied)
    (held,) = Held.objects.all()
    writing.take_back(number, held.pk, by=Actor.of(desk.ana), now=timezone.now())
    back = fields(as_person(desk.ana).get(f"/tickets/{number}/").content.decode())
    assert back == also, "taken back, it is proposed again"
    send(desk.ana, number, next_step="Noon.", **back)
    assert writing.send_due(timezone.now() + timedelta(minutes=1))
    assert d.row(number).category == "network.vpn"
    assert d.facts(number, f.Replied)[0].macro == "vpn_reconnect"
    assert d.row(number).status == "waiting_on_requester"


@pytest.mark.sop("6.1")
def test_a_macro_that_resolves_leads_to_the_documentation(desk: Desk, number: int) -> None:
    desk.reply(number, timezone.now())
    acts.categorise(number, by=Actor.of(desk.ana), now=timezone.now(), category="account_access.permissions")
    filled = fill(desk.ana, number, "macro:password_done")
    answer = send(desk.ana, number, text=filled["text"], **fields(filled["also"]))
    shown = answer.content.decode()
    assert answer.status_code == 200
    assert not d.facts(number, f.Resolved), "cause and knowledge are asked for first"
    assert 'name="macro" value="password_done"' in shown
    assert '<option value="account_access.password" selected>' in shown
    said = {"cause": "Forgotten.", "solution": filled["text"], "category": "account_access.password"}
    as_person(desk.ana).post(
        f"/tickets/{number}/do/resolve/", {**said, "knowledge": "not needed", "macro": "password_done"}
    )
    assert d.row(number).status == "resolved"
    assert d.facts(number, f.Replied)[-1].macro == "password_done"


@pytest.mark.sop("4.3")
def test_a_macro_speaks_the_requesters_language(desk: Desk, number: int) -> None:
    acts.choose_language(number, by=Actor.of(desk.ana), now=timezone.now(), key="de")
    filled = fill(desk.ana, number, "macro:working_on_it")
    assert filled["text"].startswith("Hallo Rui Silva,")
    assert re.search(r"Sie hören bis .*(Montag|Dienstag|Mittwoch|Donnerstag|Freitag|Samstag|Sonntag)", filled["next"])


def test_an_older_ticket_is_offered_the_macros_in_force_without_what_it_does_not_know(desk: Desk, number: int) -> None:
    text = d.variant(("undo: 10 s", "undo: 0 s"))
    new = "      printer:\n        name: Printer or scanner\n"
    text = text.replace(new, f"      plotter: {{name: Plotter}}\n{new}", 1)
    text = text.replace("    category: network.vpn\n", "    category: hardware.plotter\n", 1)
    text = text.replace("    categories: [network]\n", "", 1)
    d.install(text, timezone.now() - timedelta(minutes=1))
    also = fields(fill(desk.ana, number, "macro:vpn_reconnect")["also"])
    assert also == {"macro": "vpn_reconnect", "also_then": "wait"}


# --- Variables --------------------------------------------------------------------------------------------


@pytest.mark.sop("4.3")
@pytest.mark.parametrize("name", list(IN_REPLIES))
def test_every_variable_says_something(desk: Desk, number: int, name: str) -> None:
    reply = kept(desk.ana, text=f"<{{{name}}}>")
    text = fill(desk.ana, number, f"saved:{reply.pk}")["text"]
    expected = {
        "requester": "Rui Silva",
        "number": f"#{number}",
        "subject": "Printer prints blank pages",
        "agent": "Ana",
        "desk": "Support",
        "team": "Service desk",
        "category": "Printer or scanner",
        "priority": "Medium",
    }
    assert text[1:-1] == expected[name] if name in expected else re.search(r"\d\d:\d\d \(UTC\)>$", text), text


def test_a_requester_without_a_name_is_greeted_all_the_same(desk: Desk) -> None:
    number = d.new_ticket(timezone.now(), sender="nameless@customer.example")
    assert fill(desk.ana, number, "macro:working_on_it")["text"].startswith("Hello there,")


def test_what_stands_in_a_variable_is_no_variable(desk: Desk) -> None:
    number = d.new_ticket(timezone.now(), subject="{agent} <b>x</b>")
    reply = kept(desk.ana, text="{subject}")
    assert fill(desk.ana, number, f"saved:{reply.pk}")["text"] == "{agent} <b>x</b>"


# --- Saved replies ----------------------------------------------------------------------------------------


def test_a_reply_is_saved_found_changed_used_and_removed(desk: Desk, number: int) -> None:
    client = as_person(desk.ana)
    assert "No reply is saved yet" in client.get("/replies/").content.decode()
    assert save(desk.ana, text="Hello {requester},\r\n\r\ncome to 1.12").status_code == 302
    (reply,) = SavedReply.objects.all()
    assert "Room" in client.get("/replies/?q=1.12").content.decode()
    assert "No saved reply has the words" in client.get("/replies/?q=basement").content.decode()
    assert offers(desk.ana, number).count(f"saved:{reply.pk}") == 1
    assert fill(desk.ana, number, f"saved:{reply.pk}")["text"] == "Hello Rui Silva,\n\ncome to 1.12"
    answer = client.post(f"/replies/{reply.pk}/", {"name": "Our room", "text": "1.13", "shared": ""})
    assert answer.status_code == 302
    assert fill(desk.ana, number, f"saved:{reply.pk}") == {"text": "1.13", "next": "", "also": ""}
    client.post(f"/replies/{reply.pk}/", {"do": "remove"})
    assert not SavedReply.objects.exists()
    assert replies.times(desk.ana) == {}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"text": "Hello {requestor}"}, "{requestor} stands for nothing. Allowed are {requester}, {number},"),
        ({"text": "{link}"}, "{link} stands for nothing"),
        ({"text": "   "}, "This field is required"),
        ({"name": ""}, "This field is required"),
        ({"text": "x" * 20_001}, "at most 20000"),
        ({"shared": "service_desk"}, "Select a valid choice"),
        ({"shared": EVERYBODY}, "Select a valid choice"),
    ],
)
def test_what_cannot_be_kept_is_said_with_the_remedy(desk: Desk, wrong: dict[str, str], said: str) -> None:
    answer = save(desk.ana, **wrong)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not SavedReply.objects.exists()


def test_a_preview_fills_in_formats_and_names_what_is_unknown(desk: Desk) -> None:
    client = as_person(desk.ana)
    shown = client.post("/replies/preview/", {"text": "**{requester}**, from {agent} <script>"}).content.decode()
    assert "<strong>Wilma Ortega</strong>, from Ana &lt;script&gt;" in shown
    assert "{who} stands for nothing" in client.post("/replies/preview/", {"text": "{who}"}).content.decode()


def test_a_reply_of_a_team_that_is_no_more_can_be_changed_where_it_stands(desk: Desk) -> None:
    reply = kept(desk.lea, shared="old_team")
    client = as_person(desk.adam)
    assert f'href="/replies/{reply.pk}/"' in client.get("/replies/").content.decode()
    said = {"name": "Room", "text": "Room 1.13"}
    assert client.post(f"/replies/{reply.pk}/", {**said, "shared": "old_team"}).status_code == 302
    assert SavedReply.objects.get().text == "Room 1.13"
    assert save(desk.adam, shared="old_team").status_code == 422, "a new one needs a team that there is"
    assert client.post(f"/replies/{reply.pk}/", {**said, "shared": EVERYBODY}).status_code == 302


def test_team_and_everybody_are_for_those_who_lead(desk: Desk, number: int) -> None:
    assert save(desk.lea, shared="service_desk", name="Team").status_code == 302
    assert save(desk.lea, shared=EVERYBODY, name="All").status_code == 302
    assert save(desk.lea, shared="network_team", name="Not hers").status_code == 422
    assert save(desk.adam, shared="network_team", name="Wires").status_code == 302
    save(desk.lea, name="Her own")
    by_name = {reply.name: reply for reply in SavedReply.objects.all()}
    for person, seen in (
        (desk.ana, {"Team", "All"}),
        (desk.sam, {"All"}),
        (desk.lea, {"Team", "All", "Her own"}),
        (desk.adam, {"Team", "All", "Wires"}),
    ):
        shown = as_person(person).get("/replies/").content.decode()
        assert {name for name in by_name if f">{name}</" in shown or f"{name}</strong>" in shown} == seen, person
    for person, may in ((desk.ana, set()), (desk.lea, {"Team", "All"}), (desk.adam, {"Team", "All", "Wires"})):
        for name in ("Team", "All", "Wires"):
            address = f"/replies/{by_name[name].pk}/"
            assert as_person(person).get(address).status_code == (200 if name in may else 404), (person, name)
    changed = {"name": "Taken", "text": "x", "shared": ""}
    assert as_person(desk.ana).post(f"/replies/{by_name['Team'].pk}/", changed).status_code == 404
    assert as_person(desk.ana).post(f"/replies/{by_name['Team'].pk}/", {"do": "remove"}).status_code == 404
    assert as_person(desk.adam).get(f"/replies/{by_name['Her own'].pk}/").status_code == 404, "nobody else's own"
    hers = f"saved:{by_name['Her own'].pk}"
    answer = as_person(desk.ana).post(f"/tickets/{number}/replies/fill/", {"what": hers})
    assert answer.status_code == 404
    assert f"saved:{by_name['Wires'].pk}" not in offers(desk.ana, number)


@pytest.mark.parametrize(
    "what", ["", "macro:", "macro:no_such", "saved:", "saved:x", "saved:999999", f"saved:{'9' * 70}", "x"]
)
def test_what_is_not_there_is_said(desk: Desk, number: int, what: str) -> None:
    answer = as_person(desk.ana).post(f"/tickets/{number}/replies/fill/", {"what": what})
    assert (answer.status_code, answer.json()) == (404, {"wrong": "That text is not there any more. Choose another."})
    assert not Unsent.objects.exists()


def test_every_address_is_for_who_works_here(desk: Desk, number: int) -> None:
    reply = kept(desk.lea, shared=EVERYBODY)
    reads = ["/replies/", f"/tickets/{number}/replies/"]
    posts = ["/replies/preview/", f"/tickets/{number}/replies/fill/", f"/tickets/{number}/replies/drop/"]
    posts += [f"/tickets/{number}/preview/", "/replies/", f"/replies/{reply.pk}/"]
    for person, status in ((desk.olga, {403}), (desk.rui, {302, 403})):
        for address in reads:
            assert as_person(person).get(address).status_code in status, address
        for address in posts:
            assert as_person(person).post(address, {"do": "remove", "text": "x"}).status_code in status, address
    for person in (desk.ana, desk.sam, desk.lea, desk.adam):
        for address in reads:
            assert as_person(person).get(address).status_code == 200, address
        assert as_person(person).get("/tickets/999/replies/").status_code == 404
        for address in posts[1:4]:
            assert as_person(person).get(address).status_code == 405
            assert as_person(person).post(address.replace(str(number), "999", 1), {"what": "x"}).status_code == 404
    assert SavedReply.objects.filter(pk=reply.pk).exists()


def test_the_list_is_paged_by_key_and_its_queries_do_not_grow(desk: Desk, django_assert_max_num_queries: Any) -> None:
    client = as_person(desk.adam)
    client.get("/replies/")
    with django_assert_max_num_queries(14) as few:
        client.get("/replies/")
    for place in range(replies.PAGE + 5):
        kept(desk.lea, name=f"Reply {place // 2:03}", shared="service_desk" if place % 2 else EVERYBODY)
    with django_assert_max_num_queries(14) as many:
        shown = client.get("/replies/").content.decode()
    assert len(many) == len(few)
    seen = re.findall(r"/replies/(\d+)/", shown)
    (more,) = re.findall(r'href="\?([^"]+)">Further', shown)
    rest = re.findall(r"/replies/(\d+)/", client.get(f"/replies/?{more.replace('&amp;', '&')}").content.decode())
    assert len({*seen, *rest}) == len(seen) + len(rest) == replies.PAGE + 5


def test_offers_and_the_ticket_page_cost_the_same_however_many_there_are(
    desk: Desk, number: int, django_assert_max_num_queries: Any
) -> None:
    client = as_person(desk.ana)
    fill(desk.ana, number, "macro:working_on_it")
    client.get(f"/tickets/{number}/")
    with django_assert_max_num_queries(12) as few:
        client.get(f"/tickets/{number}/replies/")
    for place in range(40):
        kept(desk.lea, name=f"Reply {place}", shared=EVERYBODY)
    with django_assert_max_num_queries(12) as many:
        client.get(f"/tickets/{number}/replies/")
    assert len(few) == len(many)
    with django_assert_max_num_queries(15):
        client.get(f"/tickets/{number}/")


def test_there_is_an_end_to_how_many_one_keeps(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replies, "MOST", 2)
    for place in range(2):
        assert save(desk.ana, name=f"R{place}").status_code == 302
    answer = save(desk.ana, name="R2")
    assert answer.status_code == 422
    assert "There are 2 already" in answer.content.decode()
    assert save(desk.ben).status_code == 302


# --- Formatting -------------------------------------------------------------------------------------------


@pytest.mark.sop("4.3")
def test_a_formatted_reply_is_shown_so_and_leaves_in_both_parts(desk: Desk, number: int) -> None:
    typed = "**Please** see [the guide](https://x.example/guide):\n\n- one\n- <two>\nThanks"
    send(desk.ana, number, text=typed, next_step="I call *you*.")
    (message,) = Message.objects.filter(author=desk.ana)
    assert message.text == f"{typed}\n\nNext step: I call *you*.", "what was typed is the message's text"
    shown = as_person(desk.ana).get(f"/tickets/{number}/").content.decode()
    assert "<strong>Please</strong>" in shown
    assert "<li>&lt;two&gt;</li>" in shown
    assert "<p>Next step: I call *you*.</p>" in shown
    (mail,) = d.posted("reply")
    assert "**Please** see the guide (https://x.example/guide):\n\n- one\n- <two>\n\nThanks\n\nNext step:" in mail.text


@pytest.mark.sop("4.3")
def test_the_requester_reads_it_formatted_on_their_page_and_their_own_words_as_they_are(desk: Desk) -> None:
    number = d.new_ticket(timezone.now(), text=f"**Help** me.\n\n{d.COMPLETE}")
    send(desk.ana, number, text="**We** help:\n\n1. now", next_step="Noon.")
    shown = Client().get(links.ticket_url(number, desk.rui.pk).removeprefix(settings.PUBLIC_URL)).content.decode()
    assert "<strong>We</strong> help:" in shown
    assert "<li>now</li>" in shown
    assert "**Help** me." in shown


def test_a_note_is_formatted_and_previewed_too(desk: Desk, number: int) -> None:
    client = as_person(desk.ana)
    shown = client.post(f"/tickets/{number}/preview/", {"text": "`arp -a` <b>\nx"}).content.decode()
    assert "<code>arp -a</code> &lt;b&gt;<br>" in shown
    assert "Nothing is written yet" in client.post(f"/tickets/{number}/preview/", {"text": " "}).content.decode()
    replied = client.post(f"/tickets/{number}/preview/", {"text": "plain\nwords", "next_step": "Noon"}).content.decode()
    assert "<p>plain<br>\nwords</p><p>Next step: Noon</p>" in replied
    client.post(f"/tickets/{number}/write/", {"mode": "note", "text": "`arp -a` says\n\n> so"})
    page = client.get(f"/tickets/{number}/").content.decode()
    assert "<code>arp -a</code> says" in page
    assert "Show formatted" not in page


def test_html_in_the_record_is_sanitised_again_on_its_way_to_the_page(desk: Desk, number: int) -> None:
    send(desk.ana, number, text="**x**", next_step="Noon.")
    message = Message.objects.get(author=desk.ana)
    was = message.html
    Message.objects.filter(pk=message.pk).update(html="<p>y<script>alert(1)</script><img src=x onerror=a()></p>")
    shown = as_person(desk.ana).get(f"/tickets/{number}/").content.decode()
    Message.objects.filter(pk=message.pk).update(html=was)
    assert "<p>y</p>" in shown
    assert "onerror" not in shown
