"""A planned revision called off on its page, and what the history says of each revision (SOP H1)."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.test import Client
from django.utils import timezone

from forthwith.floor import procedure_files
from forthwith.people.permits import THE_SYSTEM
from forthwith.procedure import editing
from forthwith.record import drafting, procedures
from forthwith.record.drafting import Hand, Seen
from forthwith.record.models import Revision
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, as_person

pytestmark = pytest.mark.sop("H1")
WHY = "The new shift <b>comes</b> later."


@pytest.fixture
def planned(desk: Desk) -> Revision:
    """A revision of Lea's that Adam approved for tomorrow."""
    now = timezone.now()
    draft = drafting.begin(Hand(desk.lea, now), "Ours")
    draft = drafting.change(
        Hand(desk.lea, now), Seen(draft.pk, draft.version), partial(editing.put, path=("title",), value="Ours")
    )
    draft = drafting.describe(Hand(desk.lea, now), Seen(draft.pk, draft.version), "Ours", "It is ours.")
    draft = drafting.submit(Hand(desk.lea, now), Seen(draft.pk, draft.version))
    return drafting.approve(Hand(desk.adam, now), Seen(draft.pk, draft.version), effective_at=now + timedelta(days=1))


def page(client: Client, at: str, status: int = 200) -> str:
    answer = client.get(at)
    assert answer.status_code == status
    return answer.content.decode()


def test_it_is_called_off_with_a_reason_that_stays_in_the_history(desk: Desk, planned: Revision) -> None:
    at, adam = f"/procedure/revisions/{planned.pk}/", as_person(desk.adam)
    first = procedures.in_force()
    assert f'href="{at}"' in page(adam, "/procedure/drafts/")
    html = page(adam, at)
    assert "This revision is approved, and in force from" in html
    assert "not in force any more" not in html
    assert adam.post(f"{at}call-off/", {"why": " "}).status_code == 422
    assert adam.post(f"{at}call-off/", {"why": WHY})["Location"] == at
    assert procedures.in_force(timezone.now() + timedelta(days=9)) == first
    html = page(adam, at)
    assert "it never came into force" in html
    assert "The new shift &lt;b&gt;comes&lt;/b&gt; later." in html
    assert "call-off/" not in html
    again = adam.post(f"{at}call-off/", {"why": WHY})
    assert (again.status_code, Revision.objects.get(pk=planned.pk).called_off_by) == (422, desk.adam)
    listed = page(as_person(desk.ana), "/procedure/revisions/")
    assert "Called off by Adam" in listed
    assert "approved by Adam" in listed
    assert "is approved and in force from" not in page(adam, "/procedure/drafts/")
    assert "which was called off" in page(adam, f"/procedure/drafts/{planned.draft.pk}/")
    assert f"{planned.pk}, " in (begun := page(adam, "/procedure/drafts/new/"))
    assert "(called off)" in begun


def test_on_paper_it_says_that_it_is_not_in_force(desk: Desk, planned: Revision) -> None:
    said = f"Revision {planned.pk}, in force from"
    assert procedure_files.paper(planned, timezone.now())["revision"].startswith(said)
    as_person(desk.adam).post(f"/procedure/revisions/{planned.pk}/call-off/", {"why": WHY})
    planned.refresh_from_db()
    assert procedure_files.paper(planned, timezone.now())["revision"].endswith("called off before it was in force")


def test_only_who_may_approve_it_is_offered_to_call_it_off(desk: Desk, planned: Revision) -> None:
    at = f"/procedure/revisions/{planned.pk}/"
    for person, status in ((desk.lea, 403), (desk.ana, 404), (desk.olga, 404)):
        client = as_person(person)
        assert "call-off/" not in page(client, at), person
        assert client.post(f"{at}call-off/", {"why": WHY}).status_code == status, person
    assert "call-off/" not in page(as_person(desk.adam), f"/procedure/revisions/{procedures.in_force().pk}/")
    assert as_person(desk.adam).post("/procedure/revisions/99/call-off/", {"why": WHY}).status_code == 404


def test_the_history_says_that_nobody_reviewed_what_came_from_the_command_line(desk: Desk) -> None:
    text = d.variant(("target: 15 min, calendar: always", "target: 20 min, calendar: always"))
    made = procedures.install(text, by=THE_SYSTEM, now=timezone.now(), note="Asked for by the customers.")
    client = as_person(desk.ana)
    assert page(client, "/procedure/revisions/").count("from the command line · reviewed by nobody") == 2
    html = page(client, f"/procedure/revisions/{made.pk}/")
    assert "from the command line · reviewed by nobody" in html
    assert "Asked for by the customers." in html
