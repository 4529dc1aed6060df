"""A desk that has learnt: who decides, what is on record, what a person may accept (SOP 3.1, 3.2, 4.2)."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from forthwith.people.permits import Actor
from forthwith.procedure import document
from forthwith.procedure import facts as f
from forthwith.record.begun import Held
from forthwith.steps import acts, suggested, triage
from forthwith.suggestions import alike, drift, examples, kept
from forthwith.suggestions.model import Model
from tests import desk_fixtures as d
from tests import learnt
from tests.desk_fixtures import MONDAY, Desk, after, as_person

VPN = "Hi, globalprotect asks for the gateway again since monday."
pytestmark = pytest.mark.sop("3.1")


def categorised(number: int) -> list[f.Categorised]:
    return d.facts(number, f.Categorised)


@pytest.mark.sop("3.1", "3.2")
def test_where_no_word_speaks_a_sure_model_decides_and_says_why(desk: Desk, knowing: Model) -> None:
    number = d.new_ticket(text=VPN, subject="It drops")
    first = categorised(number)[0]
    assert (first.category, first.suggested, first.by) == ("network.vpn", "network.vpn", None)
    assert first.confidence is not None
    assert first.confidence >= 80
    assert first.why == first.suggested_why
    assert re.match(r'model 7, \d\d %: "', first.why)
    level = d.facts(number, f.Prioritised)[0]
    assert (level.impact, level.urgency, level.suggested) == ("several", "hindered", "several/hindered")
    assert "model 7" in level.why


@pytest.mark.sop("3.1", "3.2")
def test_clear_words_decide_and_what_the_model_said_is_on_record(desk: Desk, knowing: Model) -> None:
    number = d.new_ticket(text=f"{VPN} It is urgent for me.", subject="Outlook does not send")
    first = categorised(number)[0]
    assert (first.category, first.suggested) == ("software.office", "network.vpn")
    assert first.why.startswith("words: outlook")
    assert "model 7" in first.suggested_why
    level = d.facts(number, f.Prioritised)[0]
    assert level.why.startswith("words: ")


def test_a_weak_word_gives_way_to_a_sure_model(knowing: Model) -> None:
    procedure = document.standard()
    found = triage.suggest(procedure, "It drops", f"{VPN} My mouse is fine.")
    assert found.category == "network.vpn"
    strict = procedure.model_copy(update={"suggestions": procedure.suggestions.model_copy(update={"weak": 0})})
    assert triage.suggest(strict, "It drops", f"{VPN} My mouse is fine.").category == "hardware.peripherals"


def test_below_the_procedures_confidence_it_abstains(knowing: Model) -> None:
    procedure = document.standard()
    assert suggested.for_text(procedure, "", VPN).best("category") is not None
    never = procedure.suggestions.model_copy(update={"suggest_from": 100})
    shy = procedure.model_copy(update={"suggestions": never})
    assert suggested.for_text(shy, "", VPN).best("category") is None
    assert suggested.for_text(procedure, "", "qqqqq zzzzz").best("category") is None


def test_a_category_that_the_procedure_has_no_more_is_not_suggested(knowing: Model) -> None:
    procedure = document.standard()
    network = procedure.categories["network"].model_copy(update={"children": {}})
    smaller = procedure.model_copy(update={"categories": {**procedure.categories, "network": network}})
    # A copy keeps what was worked out of the original.
    smaller.__dict__.pop("category_paths", None)
    assert suggested.for_text(smaller, "", VPN).best("category") is None


@pytest.mark.sop("3.1", "3.2", "4.1")
def test_a_person_accepts_with_one_press_and_the_record_says_so(desk: Desk, knowing: Model) -> None:
    number = d.new_ticket(text=f"{VPN} It is urgent for me.", subject="Outlook does not send")
    client = as_person(desk.ana)
    page = client.get(f"/tickets/{number}/").content.decode()
    assert "Suggested" in page
    assert [button for button in ("y", "u", "g") if f'data-key="{button}"' in page] == ["y", "u", "g"]
    for key, letter in (("accept-category", "y"), ("accept-priority", "u"), ("accept-team", "g")):
        pressed = press(client, number, key)
        assert pressed.status_code == 302, pressed.content.decode()
        assert f'data-key="{letter}"' not in client.get(f"/tickets/{number}/").content.decode()
    chosen = categorised(number)[-1]
    assert (chosen.category, chosen.suggested, chosen.by) == ("network.vpn", "network.vpn", desk.ana.pk)
    assert chosen.confidence is not None
    assert chosen.why.startswith("the suggestion was accepted: model 7")
    assert d.facts(number, f.Prioritised)[-1].by == desk.ana.pk
    row = d.row(number)
    assert (row.category, row.impact, row.urgency, row.team) == (
        *("network.vpn", "several", "hindered", "network_team"),
    )
    assert "model 7" in d.facts(number, f.Assigned)[-1].why


def press(client: Client, number: int, key: str) -> Any:
    """Send the form as the page has it."""
    page = client.get(f"/tickets/{number}/").content.decode()
    form = re.search(rf'<form method="post" action="/tickets/{number}/do/{key}/".*?</form>', page, re.DOTALL)
    assert form, f"{key} is not offered"
    fields = re.findall(r'name="(\w+)" value="([^"]*)"', form[0])
    return client.post(f"/tickets/{number}/do/{key}/", {name: html.unescape(value) for name, value in fields})


def test_choosing_otherwise_keeps_what_was_suggested(desk: Desk, knowing: Model) -> None:
    number = d.new_ticket(text=VPN, subject="It drops")
    acts.categorise(number, by=Actor.of(desk.ana), now=after(1), category="network.wifi", why="it was the wifi")
    latest = categorised(number)[-1]
    assert (latest.category, latest.suggested) == ("network.wifi", "network.vpn")
    assert latest.confidence is not None
    page = as_person(desk.ana).get(f"/tickets/{number}/").content.decode()
    assert "do/accept-category/" not in page, "a person has decided"


def test_a_suggestion_from_an_old_page_does_not_undo_what_somebody_chose_since(desk: Desk, knowing: Model) -> None:
    number = d.new_ticket(text=f"{VPN} It is urgent for me.", subject="Outlook does not send")
    seen = len(d.facts(number))
    acts.categorise(number, by=Actor.of(desk.ben), now=after(1), category="network.wifi")
    form = {"category": "network.vpn", "why": "x", "seen": str(seen)}
    answer = as_person(desk.ana).post(f"/tickets/{number}/do/accept-category/", form)
    assert answer.status_code == 409
    assert d.row(number).category == "network.wifi"
    assert "Ben chose a category since you looked" in answer.content.decode()
    wrong = as_person(desk.ana).post(f"/tickets/{number}/do/accept-category/", {"category": "plumbing"})
    assert wrong.status_code == 422


def test_the_form_lists_the_best_first_and_an_auditor_may_accept_nothing(desk: Desk, knowing: Model) -> None:
    number = d.new_ticket(text=f"{VPN} It is urgent for me.", subject="Outlook does not send")
    form = as_person(desk.ana).get(f"/tickets/{number}/do/category/", headers={"HX-Request": "true"}).content.decode()
    assert form.index("Network › VPN, ") < form.index("Hardware, in general")
    assert '<option value="software.office" selected>' in form
    page = as_person(desk.olga).get(f"/tickets/{number}/").content.decode()
    assert "Network › VPN" in page
    assert "accept-category" not in page


def test_without_a_model_nothing_is_shown_and_nothing_is_other(desk: Desk, own_home: Path) -> None:
    number = d.new_ticket(text=VPN, subject="It drops")
    first = categorised(number)[0]
    assert (first.category, first.confidence, first.suggested_why) == ("other", None, "")
    page = as_person(desk.ana).get(f"/tickets/{number}/").content.decode()
    assert "suggested-title" not in page
    assert "solved-title" not in page


def test_a_broken_file_lets_the_words_decide_and_says_so(
    desk: Desk, own_home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    learnt.learn(learnt.examples(60))
    kept.path().write_bytes(kept.path().read_bytes()[:-100])
    number = d.new_ticket()
    assert categorised(number)[0].category == "hardware.printer"
    assert "cut off" in kept.trouble()
    assert "cannot be read" in caplog.text
    for path in ("/suggestions/", "/health/"):
        assert "cut off" in as_person(desk.lea).get(path).content.decode()


@pytest.mark.sop("4.2")
def test_similar_solved_tickets_are_shown_with_what_solved_them(desk: Desk, own_home: Path) -> None:
    old = [d.new_ticket(after(minutes=i), text=f"{VPN} Number {i}.", subject="The tunnel drops") for i in range(3)]
    for number in old:
        desk.resolve(number, after(1), category="network.vpn", solution="<b>We renewed</b> the certificate.")
        acts.confirm(number, by=Actor.of(desk.ana), now=after(2))
    bags = {one.number: one for one in examples.closed(100, lambda _: None)}
    assert sorted(bags) == old
    learnt.learn([*(bags[number] for number in reversed(old)), *more()])
    new = d.new_ticket(after(3), text=VPN, subject="The tunnel drops")
    page = as_person(desk.ana).get(f"/tickets/{new}/").content.decode()
    assert "Similar, solved" in page
    assert all(f'href="/tickets/{number}/"' in page for number in old)
    assert "&lt;b&gt;We renewed&lt;/b&gt; the certificate." in page
    acts.reopen(old[0], by=Actor.of(desk.ana), now=after(4), why="again")
    assert f"solved-{old[0]}" not in as_person(desk.ana).get(f"/tickets/{new}/").content.decode(), "not solved any more"


def more() -> list[examples.Example]:
    """Others to learn from, whose tickets this desk has not."""
    return [examples.Example(one.number + 10_000, one.bag, one.choices) for one in learnt.examples(60)]


def test_the_words_of_a_similar_ticket_are_not_in_the_file(own_home: Path) -> None:
    learnt.learn(learnt.examples(60))
    content = kept.path().read_bytes()
    assert not [word for word in (b"tunnel", b"globalprotect", b"smeared") if word in content]
    model = kept.model()
    assert model is not None
    assert alike.like(model, ["tunnel"], 3)


@pytest.mark.sop("3.1")
def test_agreement_is_counted_by_week_of_closing(desk: Desk, knowing: Model) -> None:
    for i, category in enumerate(("network.vpn", "network.vpn", "network.wifi")):
        number = d.new_ticket(after(minutes=i), text=VPN, subject="It drops")
        desk.resolve(number, after(1), category=category)
        acts.confirm(number, by=Actor.of(desk.ana), now=after(2))
    unsuggested = d.new_ticket(after(3), text="qqqqq zzzzz", subject="zzzzz")
    desk.resolve(unsuggested, after(4), category="other")
    acts.confirm(unsuggested, by=Actor.of(desk.ana), now=after(5))
    found = drift.weeks(after(days=3), MONDAY.tzinfo)  # type: ignore[arg-type]
    assert [(week.monday, week.tickets, week.agreed, week.share) for week in found] == [(MONDAY.date(), 3, 2, 67)]
    assert drift.weeks(MONDAY + timedelta(weeks=20), MONDAY.tzinfo) == []  # type: ignore[arg-type]


def test_the_ticket_page_asks_no_more_than_without_a_model_whatever_is_on_it(
    desk: Desk, knowing: Model, django_assert_max_num_queries: Any
) -> None:
    now, ana = timezone.now(), Actor.of(desk.ana)
    number, linked, merged, _ = (d.new_ticket(text=VPN, subject="It drops") for _ in range(4))
    acts.link(number, by=ana, now=now, to=linked)
    acts.merge(merged, by=ana, now=now, into=number)
    desk.reply(number, now)
    later = {"said_at": now, "leaves_at": now + timedelta(hours=1), "seen": 1}
    Held.objects.create(person=desk.ana, ticket_id=number, text="Not sent yet.", **later)
    client = as_person(desk.ana)
    client.post(f"/tickets/{number}/replies/fill/", {"what": "macro:working_on_it"})
    client.get(f"/tickets/{number}/")
    with django_assert_max_num_queries(15):
        assert "Not sent yet." in client.get(f"/tickets/{number}/").content.decode()
