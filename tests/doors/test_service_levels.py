"""A ticket's service level: recorded at receipt, shown with its reason, set by an organisation's contract (SOP 3.2)."""

from __future__ import annotations

import re
from html import unescape

import pytest

from forthwith.people.models import Organisation
from forthwith.people.permits import Actor
from forthwith.procedure import facts as f
from forthwith.record import links, procedures
from forthwith.steps import acts, moving
from tests import desk_fixtures as d
from tests.desk_fixtures import MONDAY, Desk, after

pytestmark = pytest.mark.sop("3.2")
LEVELS = """
service_levels:
  gold:
    name: Gold
    contracts: [gold]
    targets:
      medium: {first_response: {target: 30 min, calendar: business}}
  vip: {name: Care, vip: true, calendar: always}
"""


@pytest.fixture
def acme(desk: Desk) -> Organisation:
    """The organisation of a requester, and a procedure with service levels."""
    d.install(d.variant() + LEVELS)
    desk.rui.organisation = Organisation.objects.create(name="Acme")
    desk.rui.save(update_fields=["organisation"])
    return desk.rui.organisation


def test_a_contract_counts_for_what_comes_after_it_was_set(desk: Desk, acme: Organisation) -> None:
    before = d.new_ticket()
    client = d.as_person(desk.lea)
    panel = client.get(f"/tickets/{before}/requester/").content.decode()
    assert "Contract of Acme" in panel
    assert client.post(f"/tickets/{before}/requester/contract/", {"contract": "gold"}).status_code == 302
    number = d.new_ticket(after(minutes=1), subject="Another")
    assert (d.row(before).level, d.row(number).level) == ("", "gold")
    d.deliver_all(after(minutes=2))
    assert (d.row(number).due_at, d.row(before).due_at) == (after(minutes=31), after(4))
    received = d.facts(number, f.Received)[0]
    assert (received.organisation, received.contract, received.vip) == ("Acme", "gold", False)
    page = client.get(f"/tickets/{number}/").content.decode()
    assert "Service level Gold" in page
    assert "contract gold" in page
    assert "Service level" not in client.get(f"/tickets/{before}/").content.decode()
    assert "Printer" in client.get("/").content.decode()


def test_who_may_say_it_and_what(desk: Desk, acme: Organisation) -> None:
    address = f"/tickets/{d.new_ticket()}/requester/contract/"
    assert d.as_person(desk.ana).post(address, {"contract": "gold"}).status_code == 403
    assert d.as_person(desk.lea).post(address, {"contract": "diamond"}).status_code == 422
    acme.refresh_from_db()
    assert acme.contract == ""


def test_a_vip_s_ticket_and_what_is_split_from_it(desk: Desk, acme: Organisation) -> None:
    desk.rui.vip = True
    desk.rui.save(update_fields=["vip"])
    number = d.new_ticket(MONDAY)
    assert d.row(number).level == "vip"
    d.arrive(d.mail("And one more thing: the VPN is slow.", to=links.reply_address(number)), after(1))
    said = [fact.message for fact in d.facts(number, f.RequesterWrote)]
    part = acts.split(number, by=Actor.of(desk.ana), now=after(2), messages=said)
    assert d.row(part).level == "vip"


def sources(page: str, clock: str) -> list[tuple[str, str]]:
    """Where the explanation of a clock leads to, and its words, with the path in the document."""
    part = page.partition(f'id="why-{clock}-0"')[2].partition("</details>")[0].partition("</section>")[0]
    found = re.findall(r'<p class="source small"><a href="([^"]+)">(.*?)</p>', part)
    return [(address, unescape(re.sub(r"<[^>]+>", "", words))) for address, words in found]


@pytest.mark.sop("4.3")
def test_each_clock_names_what_its_target_comes_from(desk: Desk, acme: Organisation) -> None:
    acme.contract = "gold"
    acme.save(update_fields=["contract"])
    number = d.new_ticket(MONDAY)
    acts.take(number, by=Actor.of(desk.ana), now=after(minutes=1))
    acts.promise(number, by=Actor.of(desk.ana), now=after(minutes=2), what="A call", due=after(3))
    desk.reply(number, after(minutes=3), "We look.")
    d.arrive(d.mail("And?", to=links.reply_address(number)), after(minutes=4))
    client, revision = d.as_person(desk.ben), d.row(number).revision_id
    page = client.get(f"/tickets/{number}/clocks/").content.decode()
    told = client.get(f"/procedure/revisions/{revision}/").content.decode()
    document = f"/procedure/revisions/{revision}/"
    assert sources(page, "acknowledgement") == [
        (f"{document}#step-2.2", f"Acknowledgement 15 min round the clock; revision {revision} acknowledgement")
    ]
    said = f"Service level Gold, Medium: first response 30 min in calendar business; revision {revision}"
    path = "service_levels.gold.targets.medium.first_response"
    assert sources(page, "first_response") == [(f"{document}#level-gold", f"{said} {path}")]
    for clock in ("next_reply", "next_update", "resolution"):
        ((address, words),) = sources(page, clock)
        assert address == f"{document}#priority-medium"
        assert words.endswith(f"revision {revision} priorities.medium.{clock}")
    ((address, words),) = sources(page, "promise")
    fact = next(place for place, one in enumerate(d.facts(number), 1) if isinstance(one, f.Promised))
    assert address == f"/tickets/{number}/history/?before={fact + 1}#fact-line-{fact}"
    assert words.startswith("Promised by Ana, ")
    for anchor in ("step-2.2", "level-gold", "priority-medium"):
        assert told.count(f'id="{anchor}"') == 1
    assert f'id="fact-line-{fact}"' in client.get(address.partition("#")[0]).content.decode()


@pytest.mark.sop("4.3")
def test_a_level_that_only_counts_otherwise_is_named_beside_the_priority(desk: Desk, acme: Organisation) -> None:
    desk.rui.vip = True
    desk.rui.save(update_fields=["vip"])
    number = d.new_ticket(MONDAY)
    page = d.as_person(desk.ben).get(f"/tickets/{number}/").content.decode()
    usual, calendar = (words for _address, words in sources(page, "resolution"))
    assert usual.endswith("priorities.medium.resolution")
    revision = d.row(number).revision_id
    assert calendar == f"Service level Care: counted round the clock; revision {revision} service_levels.vip.calendar"


@pytest.mark.sop("H1")
def test_a_clock_of_a_ticket_that_was_moved_names_the_revision_that_counts(desk: Desk, acme: Organisation) -> None:
    """What had ended stays as it was under the one before, and so does what was due earlier there."""
    acme.contract = "gold"
    acme.save(update_fields=["contract"])
    number = d.new_ticket(MONDAY)
    d.deliver_all(after(minutes=1))
    was = d.row(number).revision_id
    d.install(d.variant() + LEVELS.replace("30 min", "3 h"), now=after(minutes=5))
    latest = procedures.in_force().pk
    assert moving.move(number, latest, "Gold asks for less.", by=Actor.of(desk.lea), now=after(minutes=10))
    page = d.as_person(desk.ben).get(f"/tickets/{number}/clocks/").content.decode()
    ((address, words),) = sources(page, "acknowledgement")
    assert address == f"/procedure/revisions/{was}/#step-2.2"
    assert f"; revision {was} " in words
    ((address, words),) = sources(page, "first_response")
    assert address == f"/procedure/revisions/{latest}/#level-gold"
    assert f"first response 3 h in calendar business; revision {latest} service_levels.gold" in words
