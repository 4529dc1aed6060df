"""Clocks, instants and texts as people read them: the same words everywhere, and nothing lost in a text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from forthwith.ui import clock, drawn, times
from forthwith.ui.texts import unwrapped
from tests.growth import assert_in_proportion

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        *((0, "0 s"), (59.9, "59 s"), (60, "1 min"), (3599, "59 min"), (3600, "1 h"), (7500, "2 h 5 min")),
        *((36060, "10 h"), (86399, "23 h"), (86400, "1 day"), (200_000, "2 days"), (-5, "0 s")),
    ],
)
def test_lengths(seconds: float, said: str) -> None:
    assert times.length(seconds) == said


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        *((0.8, "48 min"), (0, "late 0 s"), (-0.2, "late 12 min"), (1, "today 13:00")),
        *((22.25, "tomorrow 10:15"), (72, "Thu 12:00"), (24 * 30, "Wed 1 Apr 12:00")),
    ],
)
def test_a_due_instant_is_a_length_within_the_hour_and_a_time_before(hours: float, said: str) -> None:
    assert clock.time_left(NOON + timedelta(hours=hours), NOON) == said


@pytest.mark.parametrize(
    ("days", "said"),
    [
        *((-1, "yesterday 12:00"), (-3, "Fri 12:00"), (-10, "Fri 20 Feb 12:00"), (-70, "22 Dec 2025 12:00")),
        *((-400, "26 Jan 2025"), (310, "6 Jan 2027")),
    ],
)
def test_a_day_says_as_much_as_it_has_to(days: int, said: str) -> None:
    assert times.when(NOON + timedelta(days=days), NOON) == said


def test_days_are_those_of_the_reader() -> None:
    late = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    assert times.when(late, NOON) == "23:30"
    with timezone.override(ZoneInfo("Asia/Kathmandu")):
        assert times.when(late, NOON) == "tomorrow 05:15"
        assert times.exact(late) == "Tue 3 Mar 2026, 05:15:00 +0545"


@given(left=st.integers(-10_000, 10_000), total=st.integers(1, 10_000))
def test_a_clock_is_late_when_due_and_soon_in_its_last_quarter(left: int, total: int) -> None:
    due = NOON + timedelta(seconds=left)
    face = clock.running("first response", due=due, left=left, total=total, counting=True, now=NOON)
    assert (face.state == "late") == (left <= 0)
    assert (face.state == "soon") == (left > 0 and left * 4 < total)
    assert 0 <= float(face.share) <= 100


@pytest.mark.parametrize("text", ["<script>", '"onload="x', "a & b"])
def test_marks_escape_what_they_are_given(text: str) -> None:
    face = clock.running(text, due=NOON, left=0, total=1, counting=False, now=NOON)
    for html in (drawn.clock(face), drawn.priority(drawn.Rank(text, 1, False)), drawn.mark(text, text)):
        assert text not in html


def test_lines_cut_by_a_mail_program_are_made_whole() -> None:
    cut = (
        "None of the computers in the reading room can print since this morning, and\n"
        "several people have complained. The printer itself makes copies.\n\nRegards,\nIvo"
    )
    assert unwrapped(cut) == cut.replace("and\nseveral", "and several")


@pytest.mark.parametrize(
    "kept",
    [
        "Street 1\n12345 Town\nCountry",
        "I have tried three things until now, and none of them has changed anything:\n- the cable\n- the other printer",
        "    indented code that is rather long and goes on for quite a while, it does\n    and more of it",
        "> quoted words that are rather long and go on for quite a while, they really do\n> and on",
    ],
)
def test_lines_that_were_meant_are_kept(kept: str) -> None:
    assert unwrapped(kept) == kept


@given(st.text(alphabet="ab \n>-1.", max_size=400))
def test_nothing_but_line_ends_changes(text: str) -> None:
    assert unwrapped(text).replace("\n", " ") == text.replace("\n", " ")


def test_long_texts_take_time_in_proportion() -> None:
    assert_in_proportion(
        lambda size: unwrapped("a word and another one " * size + "\n" * size + ("x" * 70 + "\n") * size), 2_000
    )
