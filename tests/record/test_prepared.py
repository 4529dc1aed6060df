"""Reads that are composed once: other values find other rows, and constants stay what they are."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from forthwith.people.models import Person
from forthwith.people.prepared import Place, Prepared

pytestmark = pytest.mark.django_db


def test_each_run_fills_in_its_own_values() -> None:
    for name in ("ada", "ben"):
        Person.objects.create_user(f"{name}@desk.example", name=name, role="agent", skills=[name])
    named = Prepared(lambda: Person.objects.filter(role="agent", email=Place(1), joined_at__gt=Place(0)).only("skills"))
    long_ago = Person.objects.get(name="ada").joined_at - timedelta(days=1)
    for name in ("ada", "ben", "ada", "nobody' OR '1'='1"):
        found = named(long_ago, f"{name}@desk.example")
        assert [person.skills for person in found] == ([[name]] if name in ("ada", "ben") else [])
    assert named(long_ago + timedelta(days=2), "ada@desk.example") == []


def test_a_run_is_one_statement() -> None:
    named = Prepared(lambda: Person.objects.filter(name=Place(0)))
    with CaptureQueriesContext(connection) as queries:
        named("ada"), named("ben")
    assert len(queries) == 2
    assert "'ben'" in queries[1]["sql"] or '"ben"' in queries[1]["sql"]
