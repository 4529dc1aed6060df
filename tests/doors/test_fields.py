"""What is wrong with a field, and its hint, are read out with it: each description that is named is there, once."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from django.test import Client
from django.utils import timezone

from forthwith.record import links
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, as_person


def check_descriptions(page: str, *, at_least: int) -> None:
    ids = Counter(re.findall(r'\sid="([^"]+)"', page))
    named = [one for names in re.findall(r'aria-describedby="([^"]+)"', page) for one in names.split()]
    assert len(named) >= at_least
    assert [one for one in named if ids[one] != 1] == []
    assert [one for one, count in ids.items() if count > 1] == []


def test_every_component_of_a_field(desk: Desk) -> None:
    check_descriptions(as_person(desk.ana).get("/ui/").content.decode(), at_least=4)


def test_a_new_person(desk: Desk) -> None:
    wrong = {"email": "nobody", "role": "none", "leads": ["service_desk"], "capacity": "-1"}
    check_descriptions(as_person(desk.adam).post("/people/add/", wrong).content.decode(), at_least=6)


def test_signing_in(desk: Desk) -> None:
    check_descriptions(Client().post("/account/login/", {"login": "nobody"}).content.decode(), at_least=2)


@pytest.mark.parametrize(("path", "state"), [("", "open"), ("rate/", "resolved"), ("details/", "open")])
def test_the_requester_s_pages(desk: Desk, path: str, state: str) -> None:
    number = d.new_ticket(timezone.now(), "It is broken.", subject="Help")
    if state == "resolved":
        desk.resolve(number, timezone.now())
    wrong = dict.fromkeys(("text", "comment", *d.row(number).missing), "x" * 20001) | {"score": "99"}
    page = Client().post(f"/t/{links.token(number, desk.rui.pk)}/{path}", wrong).content.decode()
    check_descriptions(page, at_least=1 if path != "rate/" else 3)
