"""Drafts of the procedure in a real browser: by keyboard, for everybody, on a phone and on a screen (SOP H1)."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from forthwith.procedure import editing
from forthwith.record import drafting
from forthwith.record.drafting import Hand, Seen
from forthwith.record.drafts import Draft
from forthwith.record.models import Revision
from tests.browser.visits import EACH, LONG, accessible
from tests.desk_fixtures import Desk, new_ticket

pytestmark = [pytest.mark.browser, pytest.mark.sop("H1")]
AT = "/procedure/drafts/"
PLACES = ("", "new/", "1/", "1/changes/", "1/changes/?as=yaml", "1/yaml/", "1/at/priorities/", "1/at/priorities/low/",
          "1/at/calendars/business/", "1/at/matrix/", "1/at/escalation/0/", "1/at/steps/", "1/open-tickets/",
          "../open-tickets/")  # fmt: skip


@pytest.mark.parametrize(("size", "scheme"), EACH, ids=lambda one: one if isinstance(one, str) else str(one["width"]))
def test_a_draft_is_changed_by_keyboard_and_every_page_is_for_everybody(
    desk: Desk, visit: Any, complaints: list[str], size: dict[str, int], scheme: str
) -> None:
    new_ticket(timezone.now(), subject=LONG)
    page = visit(desk.lea, viewport=size, color_scheme=scheme).page
    page.goto(f"{AT}new/")
    page.get_by_label("Title").fill(LONG)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Sections").wait_for()
    number = page.url.rstrip("/").rpartition("/")[2]
    page.goto(f"{AT}{number}/at/priorities/low/")
    first = page.get_by_role("group", name="First response").get_by_label("Length")
    first.fill("soon")
    page.keyboard.press("Enter")
    page.get_by_text("is not a length such as").first.wait_for()
    assert first.get_attribute("aria-invalid") == "true"
    for place in PLACES:
        page.goto(AT + place.replace("1/", f"{number}/", 1))
        accessible(page, place.replace("/", "-").lstrip(".") or "list")
    assert complaints == []


@pytest.mark.parametrize(("size", "scheme"), EACH, ids=lambda one: one if isinstance(one, str) else str(one["width"]))
def test_a_draft_is_read_and_approved(
    desk: Desk, visit: Any, complaints: list[str], size: dict[str, int], scheme: str
) -> None:
    hand = Hand(desk.lea, timezone.now())
    draft = drafting.begin(hand, "Ours")
    draft = drafting.change(hand, Seen(draft.pk, draft.version), partial(editing.put, path=("title",), value=LONG))
    draft = drafting.describe(hand, Seen(draft.pk, draft.version), "Ours", "It is ours.")
    drafting.submit(hand, Seen(draft.pk, draft.version))
    page = visit(desk.adam, viewport=size, color_scheme=scheme).page
    page.goto(f"{AT}{draft.pk}/")
    page.get_by_text("1 change against revision").wait_for()
    accessible(page, "review")
    page.get_by_role("button", name="Approve").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Approved: it is a revision of the procedure now.").wait_for()
    accessible(page, "approved")
    for place in ("matrix", "escalation/0"):
        page.goto(f"{AT}{draft.pk}/at/{place}/")
        accessible(page, f"read-{place.replace('/', '-')}")
    made = Draft.objects.get().became
    assert made is not None
    Revision.objects.filter(pk=made.pk).update(effective_at=timezone.now() + timedelta(days=1))
    page.goto(f"/procedure/revisions/{made.pk}/")
    accessible(page, "planned")
    page.get_by_label("Why it is called off").fill(LONG)
    page.get_by_role("button", name="Call it off").focus()
    page.keyboard.press("Enter")
    page.get_by_text("it never came into force").wait_for()
    accessible(page, "called-off")
    page.goto("/procedure/revisions/")
    accessible(page, "history")
    assert complaints == []
