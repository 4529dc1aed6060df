"""Revisions of the procedure: installed once, never changed; going back is a new one (SOP H1)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from forthwith.people.permits import THE_SYSTEM
from forthwith.procedure import document
from forthwith.record import procedures
from forthwith.record.models import Revision
from tests import desk_fixtures as d
from tests.desk_fixtures import after

pytestmark = [pytest.mark.django_db, pytest.mark.sop("H1")]


def test_the_same_procedure_again_changes_nothing() -> None:
    first = procedures.install(document.standard_text(), by=THE_SYSTEM, now=d.MONDAY)
    assert procedures.install(document.standard_text() + "\n# a comment\n", by=THE_SYSTEM, now=after(1)) == first
    assert Revision.objects.count() == 1


def test_going_back_is_a_new_revision() -> None:
    other = d.variant(("target: 15 min, calendar: always", "target: 20 min, calendar: always"))
    for text in (document.standard_text(), other, document.standard_text()):
        procedures.install(text, by=THE_SYSTEM, now=d.MONDAY)
    assert Revision.objects.count() == 3
    assert procedures.in_force().pk == Revision.objects.order_by("pk").last().pk  # type: ignore[union-attr]


def test_a_revision_is_in_force_from_its_instant_on() -> None:
    first = procedures.install(document.standard_text(), by=THE_SYSTEM, now=d.MONDAY)
    text = d.variant(("target: 15 min, calendar: always", "target: 20 min, calendar: always"))
    later = Revision.objects.create(text=text, digest="x", installed_at=d.MONDAY, effective_at=after(5))
    assert [procedures.in_force(at) for at in (after(4), after(5), after(6))] == [first, later, later]
    assert procedures.planned(after(4)) == [later]
    assert procedures.planned(after(5)) == []
    # Nothing was in force before the first, which is what older tickets are imported under.
    assert procedures.in_force(after(-50)) == first
    between = procedures.install(
        d.variant(("15 min, calendar: always", "30 min, calendar: always")), by=THE_SYSTEM, now=after(1)
    )
    assert procedures.in_force(after(2)) == between
    assert procedures.in_force(after(5)) == later


def test_what_is_no_procedure_is_not_installed() -> None:
    with pytest.raises(document.ProcedureError):
        procedures.install("format: 1\ntitle: x\n", by=THE_SYSTEM, now=d.MONDAY)
    with pytest.raises(procedures.NoProcedure, match="forthwith init"):
        procedures.in_force()


def test_a_revision_is_read_as_of_the_day_on_which_it_was_installed() -> None:
    text = document.standard_text()
    hours = text[text.index("    hours:\n      mon") : text.index("# The longest silences")]
    once = d.variant((hours, "    date_hours: {2020-05-04: [[09:00, 17:00]]}\n"))
    then = datetime(2020, 5, 1, tzinfo=UTC)
    old = Revision.objects.create(text=once, digest="x", installed_at=then, effective_at=then)
    assert procedures.load(old.pk).calendar("business").is_open(datetime(2020, 5, 4, 10, tzinfo=UTC))
