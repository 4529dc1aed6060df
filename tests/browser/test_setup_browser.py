"""The pages for who leads or administers the desk, in a real browser: for everybody, on a phone and on a screen."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from forthwith.people.models import Organisation, Person
from forthwith.record import procedures, restatements, results
from forthwith.record.judgements import Restated, Restatement
from forthwith.record.models import CoverageGap, RawItem
from forthwith.record.runs import Run
from forthwith.steps import evidencing, judging, receive, restating
from tests import desk_fixtures as d
from tests import learnt
from tests.browser.visits import LONG, PHONE, SCREEN, accessible
from tests.desk_fixtures import Desk

pytestmark = pytest.mark.browser


@pytest.fixture
def taught(desk: Desk, settings: Any, tmp_path: Path) -> Desk:
    """A desk that has learnt, in a home of its own."""
    settings.HOME = tmp_path
    learnt.learn(learnt.examples(200))
    return desk


@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "light"), (SCREEN, "dark")], ids=["phone", "screen"])
def test_every_page_is_for_everybody(
    desk: Desk, visit: Any, complaints: list[str], size: dict[str, int], scheme: str
) -> None:
    Person.objects.create_user(f"{LONG.lower()[:50]}@desk.example", name=LONG, role="agent", is_active=False)
    for number in range(3):
        said = {"sender": f"{LONG}@customer.example", "reason": f"The charset {LONG} is unknown. " * number}
        RawItem.objects.create(
            channel="email",
            received_at=timezone.now(),
            digest=f"{number:064}",
            size=2048,
            **{"body": b"x", "outcome": RawItem.UNPROCESSED, **said},
        )
    receive.heartbeat("email", timezone.now())
    CoverageGap.objects.create(channel="portal", start=timezone.now())
    page = visit(desk.adam, viewport=size, color_scheme=scheme).page
    addresses = {"desk": "/", "people": "/people/", "add": "/people/add/", "ledger": "/ledger/", "health": "/health/"}
    addresses["suggestions-empty"] = "/suggestions/"
    addresses["conformance-empty"] = "/conformance/"
    addresses |= {"replays-empty": "/replays/", "evidence-empty": "/conformance/evidence/"}
    addresses["restatements-empty"] = "/restatements/"
    addresses["organisations-empty"] = "/organisations/"
    addresses |= {"procedure": "/procedure/", "revisions": "/procedure/revisions/"}
    addresses["revision"] = f"/procedure/revisions/{procedures.in_force().pk}/"
    addresses["item"] = f"/ledger/{RawItem.objects.first().pk}/"
    for name, address in {**addresses, "person": f"/people/{desk.lea.pk}/"}.items():
        page.goto(address)
        accessible(page, name)
    RawItem.objects.all().delete()
    page.goto("/ledger/")
    accessible(page, "ledger-empty")
    number = d.new_ticket(timezone.now() - timedelta(days=3), subject=LONG)
    judging.turn(timezone.now())
    reports = {"conformance": "?by=category", "verdicts": "tickets/?step=4.3&outcome=missing"}
    reports |= {"evidence": "evidence/", "bundle": f"evidence/{_bundle(desk)}/"}
    of = f"verdicts={_restated(desk, number)}"
    reports |= {"restated": f"?{of}", "turned": f"turned/?{of}&step=4.3&way=saved"}
    for name, address in reports.items():
        page.goto(f"/conformance/{address}")
        accessible(page, name)
    page.get_by_role("link", name="Verdicts: restated under").click()
    page.get_by_text("judged anew").wait_for()
    accessible(page, "restatement")
    assert complaints == []


def _bundle(desk: Desk) -> int:
    """A bundle of evidence that can be taken away."""
    made = {"asked_at": timezone.now(), "asked": evidencing.ask_for(d.MONDAY, timezone.now())}
    told = {"asked_by": desk.lea, "ended_at": timezone.now(), "summary": {"tickets": 1, "size": 2048}}
    result = results.keep([b"PK"])
    return Run.objects.create(kind=evidencing.KIND, state=Run.DONE, result=result, **made, **told).pk


def _restated(desk: Desk, number: int) -> int:
    """The ticket is settled, and turns by a restatement."""
    now = timezone.now()
    desk.resolve(number, now)
    asked = Restatement(revision=procedures.in_force(), since=now - timedelta(days=9), until=now, reason=LONG)
    run = restatements.ask(asked, desk.adam, now, here=True)
    assert run is not None
    restating.do(run, timezone.now)
    Restated.objects.update(before="l" * 15, steps="m" * 15)
    return run.pk


@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "dark"), (SCREEN, "light")], ids=["phone", "screen"])
def test_an_organisation_and_what_it_means_on_a_ticket_are_for_everybody(
    desk: Desk, visit: Any, complaints: list[str], size: dict[str, int], scheme: str
) -> None:
    level = f"service_levels:\n  long: {{name: {LONG}, organisations: [{LONG}], calendar: always}}\n"
    d.install(f"{d.variant()}\n{level}")
    Organisation.objects.create(name="Other")
    page = visit(desk.adam, viewport=size, color_scheme=scheme).page
    page.goto("/organisations/add/")
    page.get_by_label("Name").fill(LONG)
    page.get_by_label("Mail domains").fill("gmail.com")
    page.get_by_role("button", name="Add this organisation").click()
    page.get_by_role("alert").get_by_text("At gmail.com anybody can have an address").wait_for()
    accessible(page, "organisation-form")
    page.get_by_label("Mail domains").fill("customer.example")
    page.get_by_role("button", name="Add this organisation").click()
    page.get_by_label("Name or mail address").fill("rui@customer.example")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("button", name="Take Rui Silva out").wait_for()
    number = d.new_ticket(timezone.now())
    page.get_by_label("Name or mail address").fill("a")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_text("Who is meant?").wait_for()
    accessible(page, "organisation")
    page.goto("/organisations/")
    accessible(page, "organisations")
    page.goto(f"/tickets/{number}/")
    page.locator(".level-why").get_by_role("link", name=LONG).wait_for()
    page.get_by_text("why?").first.evaluate("word => word.closest('details').open = true")
    accessible(page, "service-level")
    assert [text for text in complaints if "422" not in text] == []


@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "dark"), (SCREEN, "light")], ids=["phone", "screen"])
def test_suggestions_are_read_and_accepted(
    taught: Desk, visit: Any, complaints: list[str], size: dict[str, int], scheme: str
) -> None:
    text = "Hi, globalprotect asks for the gateway again since monday. It is urgent for me."
    number = d.new_ticket(timezone.now(), text=text, subject="Outlook does not send")
    page = visit(taught.adam, viewport=size, color_scheme=scheme).page
    page.goto("/suggestions/")
    page.get_by_role("heading", name="Agreement by week").wait_for()
    accessible(page, "suggestions")
    page.get_by_role("button", name="Learn now").click()
    page.get_by_text("Queued. A worker begins").wait_for()
    page.goto(f"/tickets/{number}/")
    page.get_by_role("button", name="Accept the category: Network › VPN").wait_for()
    # On a phone the composer stands on what is below it.
    page.get_by_role("heading", name="Suggested").evaluate("heading => heading.scrollIntoView()")
    accessible(page, "suggested")
    page.keyboard.press("y")
    page.get_by_text("Category set as suggested.").wait_for()
    page.keyboard.press("u")
    page.get_by_text("Priority set as suggested").wait_for()
    assert (d.row(number).category, d.row(number).impact) == ("network.vpn", "several")
    assert complaints == []


@pytest.mark.parametrize("size", [PHONE, SCREEN], ids=["phone", "screen"])
def test_the_first_agent_is_added_by_hand(
    visit: Any, complaints: list[str], size: dict[str, int], transactional_db: None
) -> None:
    d.install()
    admin = Person.objects.create_user("adam@desk.example", name="Adam", role="administrator")
    page = visit(admin, viewport=size).page
    page.goto("/")
    if not page.get_by_role("link", name="People").count():
        # Beside the others in a menu of their own, on a phone in the person's.
        page.locator(".leading > summary, #me > summary").locator("visible=true").first.click()
    page.get_by_role("link", name="People").click()
    page.get_by_text("Add the first agent").wait_for()
    accessible(page, "alone")
    page.get_by_role("link", name="Add a person").click()
    page.get_by_label("Name").fill("Mina Okafor")
    page.get_by_label("E-mail address").fill("adam@desk.example")
    page.get_by_label("leads Network").check()
    page.get_by_role("button", name="Add this person").click()
    page.get_by_text("tick both, or neither").wait_for()
    accessible(page, "wrong")
    page.get_by_label("leads Network").uncheck()
    page.get_by_role("button", name="Add this person").click()
    page.get_by_role("alert").get_by_text("works here already").wait_for()
    page.get_by_label("E-mail address").fill("mina@desk.example")
    page.get_by_role("button", name="Add this person").click()
    page.get_by_role("heading", name="A sign-in link for Mina Okafor").wait_for()
    accessible(page, "link")
    assert "/account/password/reset/key/" in page.get_by_label("Sign-in link").input_value()
    page.get_by_role("link", name="I have handed it over").click()
    page.get_by_role("link", name="Mina Okafor").wait_for()
    assert [text for text in complaints if "422" not in text] == []
