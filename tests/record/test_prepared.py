"""Statements that are composed once: other values find other rows, and what is written is what was given."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from forthwith.people.models import Address, Organisation, Person
from forthwith.people.prepared import Place, Prepared, insert, insert_new, update
from forthwith.record.models import Revision, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.broken_record]


def test_each_run_fills_in_its_own_values() -> None:
    for name in ("ada", "ben"):
        Person.objects.create_user(f"{name}@desk.example", name=name, role="agent", skills=[name])
    named = Prepared(lambda: Person.objects.filter(role="agent", email=Place(1), joined_at__gt=Place(0)).only("skills"))
    long_ago = Person.objects.get(name="ada").joined_at - timedelta(days=1)
    for name in ("ada", "ben", "ada", "nobody' OR '1'='1"):
        found = named(long_ago, f"{name}@desk.example")
        assert [person.skills for person in found] == ([[name]] if name in ("ada", "ben") else [])
    assert named(long_ago + timedelta(days=2), "ada@desk.example") == []


def test_a_run_gives_what_django_would_give_with_it() -> None:
    works = Organisation.objects.create(name="Works")
    for name, organisation in (("ada", works), ("ben", None)):
        Person.objects.create_user(f"{name}@desk.example", name=name, organisation=organisation, skills=[name])

    def asked(name: object) -> QuerySet[Person]:
        own = Person.objects.filter(pk=OuterRef("pk")).values("skills")[:1]
        found = Person.objects.filter(name=name).select_related("organisation")
        return found.annotate(known=Subquery(own), home=F("organisation__name")).defer("wishes")

    composed = Prepared(lambda: asked(Place(0)))
    for name in ("ada", "ben", "ada"):
        with CaptureQueriesContext(connection) as queries:
            (found,) = composed(name)
            (wanted,) = asked(name)
            assert vars(found).keys() == vars(wanted).keys()
            assert (found.organisation, vars(found)["known"]) == (wanted.organisation, [name])
            assert (found, found.joined_at, vars(found)["home"]) == (wanted, wanted.joined_at, vars(wanted)["home"])
        assert len(queries) == 2
        assert found.wishes == {}


def test_a_run_is_one_statement() -> None:
    named = Prepared(lambda: Person.objects.filter(name=Place(0)))
    with CaptureQueriesContext(connection) as queries:
        named("ada"), named("ben")
    assert len(queries) == 2
    assert "'ben'" in queries[1]["sql"] or '"ben"' in queries[1]["sql"]


def test_rows_are_written_as_django_writes_them_and_know_their_keys() -> None:
    revision = Revision.objects.create(text="", digest="", installed_at=timezone.now(), effective_at=timezone.now())
    ada = Person.objects.create_user("ada@desk.example")
    rows = [
        Ticket(
            revision=revision,
            status="new",
            subject=f'50% of {place} are "odd"',
            requester=ada,
            opened_at=timezone.now(),
            changed_at=timezone.now(),
            missing=["a", {"b": None}],
            fact_count=place,
        )
        for place in range(3)
    ]
    with CaptureQueriesContext(connection) as queries:
        insert(rows)
    assert len(queries) == 1
    for row in rows:
        kept = Ticket.objects.get(pk=row.pk)
        names = [field.attname for field in Ticket._meta.concrete_fields]
        assert {name: getattr(kept, name) for name in names} == {name: getattr(row, name) for name in names}
    insert([])
    with pytest.raises(IntegrityError), transaction.atomic():
        insert([Address(person=ada, address="ada@desk.example")])


def test_a_row_that_is_there_already_is_not_written_and_the_transaction_lives() -> None:
    ada = Person.objects.create_user("ada@desk.example")
    assert insert_new(Address(person=ada, address="ada@elsewhere.example"))
    assert not insert_new(Address(person=ada, address="ada@elsewhere.example"))
    assert Address.objects.filter(address="ada@elsewhere.example").count() == 1


def test_a_row_changes_only_while_it_is_what_it_was() -> None:
    ada = Person.objects.create_user("ada@desk.example", name="Ada", skills=["x"])
    ada.name, ada.skills, ada.zone = 'Ada\'s "100%"', ["a", {"b": None}], "Europe/Lisbon"
    assert not update(ada, ["name"], role="agent")
    assert update(ada, ["name", "skills"], role="requester", email="ada@desk.example")
    kept = Person.objects.get(pk=ada.pk)
    assert (kept.name, kept.skills, kept.zone) == (ada.name, ada.skills, "UTC")
