"""Step 1: what arrives is logged once (SOP 1.2)."""

from __future__ import annotations

import pytest

from tests import desk_fixtures as d
from tests.desk_fixtures import Desk


@pytest.mark.sop("1.2")
def test_a_request_is_logged_in_the_order_of_the_procedure(desk: Desk) -> None:
    number = d.new_ticket()
    assert d.kinds(number) == ["Received", "Checked", "Categorised", "Prioritised", "Assigned"]
    received = d.facts(number)[0]
    assert (received.at, received.channel, received.requester) == (d.MONDAY, "email", desk.rui.pk)


@pytest.mark.sop("1.2")
@pytest.mark.parametrize(
    ("subject", "text", "shown"),
    [("", "\n  Help me\nplease", "Help me"), ("  ", " ", "(no subject)"), ("s" * 2000, "x", "s" * 300)],
)
def test_every_ticket_has_a_subject(desk: Desk, subject: str, text: str, shown: str) -> None:
    assert d.row(d.new_ticket(text=text, subject=subject)).subject == shown
