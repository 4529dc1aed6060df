"""What the procedure calls statuses is what every page says; addresses, searches and exports keep keys (SOP 7.1)."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import yaml
from django.utils import timezone, translation

from forthwith.people.permits import Actor
from forthwith.procedure import document
from forthwith.record import exported, links, procedures
from forthwith.record.states import desk_states, requester_states
from forthwith.steps import acts
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk

pytestmark = pytest.mark.sop("7.1")


def parked(**german: dict[str, str]) -> str:
    """The standard procedure with another name for what is on hold, and perhaps one in German."""
    data = yaml.safe_load(document.standard_text())
    data["statuses"]["desk"]["on_hold"] = "Parked <here>"
    data["statuses"]["requesters"]["on_hold"] = "We wait for a part"
    data["languages"]["de"] |= german
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True)


@pytest.fixture
def held(desk: Desk) -> int:
    """A ticket on hold, received under the standard procedure; another is in force since."""
    number = d.new_ticket(timezone.now() - timedelta(hours=1))
    acts.hold(number, by=Actor.of(desk.ana), now=timezone.now(), why="A part is missing", until=None)
    d.install(parked(), timezone.now() - timedelta(seconds=1))
    return number


def page(desk: Desk, at: str, language: str = "en") -> str:
    more = {"hx-request": "true"} if at.endswith("/peek/") else {}
    answer = d.as_person(desk.ana).get(at, headers={"accept-language": language, **more})
    assert answer.status_code == 200, at
    return answer.content.decode()


@pytest.mark.parametrize(
    "at",
    [
        "/?list=hold",
        "/tickets/{}/",
        "/tickets/{}/peek/",
        "/search/?q=status:on_hold",
        "/tickets/{}/history/?from=1&to=2",
    ],
)
def test_pages_of_the_desk_say_the_name_of_the_procedure_in_force(desk: Desk, held: int, at: str) -> None:
    html = page(desk, at.format(held).replace("to=2", f"to={d.row(held).fact_count}"))
    assert "Parked &lt;here&gt;" in html
    assert "On hold</" not in html


def test_pages_of_requesters_say_theirs(desk: Desk, held: int) -> None:
    client = d.as_person(desk.rui)
    link = links.token(held, d.row(held).requester_id)
    assert "We wait for a part" in client.get(f"/t/{link}/").content.decode()
    client = d.as_person(d.row(held).requester)
    assert "We wait for a part" in client.get("/my/").content.decode()


@pytest.mark.parametrize("typed", ["status:on_hold", 'status:"on hold"', "status:hold", "status:parked"])
def test_searches_know_the_key_the_usual_name_and_the_desks_own(desk: Desk, held: int, typed: str) -> None:
    other = d.new_ticket(timezone.now())
    html = page(desk, f"/search/?q={typed}")
    assert f"/tickets/{held}/" in html
    assert f"/tickets/{other}/" not in html
    assert "Parked &lt;here&gt;" in page(desk, "/search/?q=status:nonsense")


def test_addresses_and_exports_keep_the_key(desk: Desk, held: int) -> None:
    assert f"/tickets/{held}/" in page(desk, "/?list=all&status=on_hold")
    exported_text = "".join(exported.pieces(d.row(held), timezone.now()))
    assert '"on_hold"' in exported_text
    assert "Parked" not in json.dumps(json.loads(exported_text)["ticket"])


def test_the_usual_names_are_german_on_german_pages_and_a_desks_own_where_it_gives_them(desk: Desk) -> None:
    with translation.override("de"):
        assert desk_states(procedures.current())["on_hold"] == "Angehalten"
        assert requester_states(None)["open"] == "Wir arbeiten daran"
        own = document.read(parked())
        assert desk_states(own)["on_hold"] == "Parked <here>"
        assert desk_states(own)["new"] == "Neu"
        named = document.read(parked(statuses={"on_hold": "Geparkt"}))
        assert desk_states(named)["on_hold"] == "Geparkt"
    assert desk_states(named)["on_hold"] == "Parked <here>"
