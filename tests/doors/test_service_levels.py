"""A ticket's service level: recorded at receipt, shown with its reason, set by an organisation's contract (SOP 3.2)."""

from __future__ import annotations

import pytest

from forthwith.people.models import Organisation
from forthwith.people.permits import Actor
from forthwith.procedure import facts as f
from forthwith.record import links
from forthwith.steps import acts
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
