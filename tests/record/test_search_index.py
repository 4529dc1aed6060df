"""The index of the search: it holds what the record holds, is never behind it, and costs what it should."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from forthwith.people import spellings
from forthwith.people.models import Spelling
from forthwith.people.words import folded, words
from forthwith.record import links, procedures
from forthwith.record.models import Message, Ticket
from forthwith.record.search import asked, blocks, filling, finding, parts, snippets, writing
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, after
from tests.growth import assert_in_proportion
from tests.record.test_queries import analyse, whole_reads
from tests.record.test_search import find, numbers


def test_a_long_ticket_is_found_by_every_word(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "MOST_WORDS", 60)
    monkeypatch.setattr(writing, "MOST_WORDS", 60)
    number = d.new_ticket(text=" ".join(f"alpha{i}" for i in range(200)) + " It is urgent.")
    for place in range(3):
        desk.reply(number, after(minutes=place + 1), text=" ".join(f"beta{place}x{i}" for i in range(50)))
    for typed in ("alpha0", "alpha199", "beta0x0", "beta2x49", "printer alpha150", "rui beta1x7", "beta2x*"):
        found = find(desk.ana, typed)
        assert ([one.pk for one in found.tickets], found.count) == ([number], 1), typed
    desk.resolve(number, after(2))
    assert numbers(desk.ana, "alpha199 status:resolved") == numbers(desk.ana, "beta0x0 -status:open") == [number]


def test_a_long_message_is_read_to_its_end(desk: Desk) -> None:
    number = d.new_ticket(text="filler " * 20_000 + "needle")
    assert numbers(desk.ana, "needle") == [number]


def test_the_largest_words_fit_into_a_row(desk: Desk) -> None:
    # Letters of four bytes, in as many different words of the greatest length as a part may have.
    letters = [chr(0x10330 + place) for place in range(26)]
    long = [
        f"{''.join(letters)}{letters[i % 26]}{letters[i // 26 % 26]}{letters[i // 676]}{'z' * 20}" for i in range(4000)
    ]
    number = d.new_ticket(text=" ".join(long))
    assert numbers(desk.ana, long[0]) == numbers(desk.ana, long[-1]) == [number]


def test_words_that_are_quoted_are_found_too(desk: Desk) -> None:
    number = d.new_ticket()
    quoted = "Thanks.\n\nOn Mon, 2 Mar 2026, Someone wrote:\n> the gearbox code is 4711\n"
    answer = d.mail(quoted, in_reply_to=f"<{links.new_mail_id(number)}>")
    d.arrive(answer, after(minutes=9))
    assert numbers(desk.ana, "gearbox 4711") == [number]


def test_what_is_taken_away_is_found_no_more(desk: Desk) -> None:
    number = d.new_ticket(text=f"{d.COMPLETE} My password is hunter2.")
    ticket = d.row(number)
    with transaction.atomic():
        Message.objects.filter(ticket=ticket).update(text="(removed)", new_text="(removed)")
        assert "lacks 1 of its words" in writing.amiss(ticket)
        writing.rebuild(ticket)
        assert (writing.amiss(ticket), numbers(desk.ana, "hunter2"), numbers(desk.ana, "removed")) == ("", [], [number])
        transaction.set_rollback(True)


def test_what_is_undone_is_not_in_the_index(desk: Desk) -> None:
    number = d.new_ticket()
    with transaction.atomic():
        desk.reply(number, after(minutes=5), text="Zahnrad.")
        assert numbers(desk.ana, "zahnrad") == [number]
        transaction.set_rollback(True)
    assert numbers(desk.ana, "zahnrad") == []


def test_an_older_desk_is_filled_batch_by_batch(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filling, "BATCH", 2)
    made = [d.new_ticket(text=f"Problem {i} with my screen, which flickers since Monday.") for i in range(5)]
    Spelling.objects.all().delete()
    for number in made:
        writing.index().remove(number)
    assert numbers(desk.ana, "flickers") == []
    filling.begin_anew()
    assert filling.turn() == 4, "two tickets and two people"
    assert (sorted(numbers(desk.ana, "flickers")), filling.tickets_below()) == (made[-2:], made[-2])
    desk.reply(made[0], after(minutes=5), text="Zahnrad.")
    assert numbers(desk.ana, "flickers zahnrad") == [made[0]], "who is answered meanwhile is found as a whole"
    turns = 0
    while filling.turn():
        turns += 1
        assert turns < 20
    assert sorted(numbers(desk.ana, "flickers")) == made
    assert sorted(numbers(desk.ana, "from:silva")) == made
    assert filling.tickets_below() is None
    assert filling.turn() == 0


LINE: dict[str, Callable[[str], object]] = {
    "words": words,
    "question": asked.read,
    "line": lambda text: snippets.line_of(text, [(("needle",), False), (("印刷", "刷機"), False)]),
    "marks": lambda text: snippets.marked(text, [(("a", "b"), True), (("印",), False)]),
}


@pytest.mark.parametrize("text", ["Straße ", "印", "a-", "a\u0310", "a b ", "x", '"', "- ", "needl ", "印刷 ", "\n"])
@pytest.mark.parametrize("step", LINE)
def test_every_step_is_linear(step: str, text: str) -> None:
    assert_in_proportion(lambda size: LINE[step](text * size), 2000)


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_word_is_the_same_word_in_any_dress(one: str, other: str) -> None:
    text = f"{one} {other}"
    assert words(text) == words(unicodedata.normalize("NFD", text)) == words(unicodedata.normalize("NFC", text))
    assert words(folded(text)) == words(text)
    assert all(word and " " not in word and "'" not in word and "~" not in word for word in words(text))


@given(st.text(alphabet="abcdefgh", min_size=4, max_size=8), st.data())
def test_one_slip_is_seen_through(name: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(name) - 2))
    letter = data.draw(st.sampled_from("abcdefgh"))
    slips = {
        name[:place] + name[place + 1 :],
        name[:place] + letter + name[place:],
        name[:place] + letter + name[place + 1 :],
        name[:place] + name[place + 1] + name[place] + name[place + 2 :],
    } - {name}
    keys = set(spellings.keys_of([name], []))
    for slip in slips:
        assert spellings.one_apart(slip, name)
        assert not spellings.may_slip(slip) or keys & set(spellings.near(slip))


def fill(desk: Desk, count: int) -> None:
    """Tickets straight into the table and the index: every third says common, every 500th rare."""
    revision = procedures.in_force().pk
    made = [
        Ticket(
            revision_id=revision, unresolved=False, status="closed", channel="email", subject=f"Ticket {i}",
            requester=desk.rui, priority="low", category="other", opened_at=after(days=-100, minutes=i),
            changed_at=after(1), fact_count=1, chain="x",
        )
        for i in range(count)
    ]  # fmt: skip
    Ticket.objects.bulk_create(made, batch_size=2000)
    for place, ticket in enumerate(made):
        spoken = ["filler", *(["common"] if place % 3 == 0 else []), *(["rare"] if place % 500 == 0 else [])]
        writing.begin(ticket, [parts.Said(public=spoken)], ())


@pytest.mark.broken_record
def test_a_search_reads_its_index_and_says_when_it_stops(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "MOST_RANKED", 100)
    monkeypatch.setattr(blocks, "BLOCK", 7)
    fill(desk, 2000)
    analyse()
    every = {"common": 100, "com": 100, "status:closed": 100, "rare": 4, "common rare": 2, "nothing": 0, "-filler": 0}
    for typed, count in every.items():
        found = find(desk.ana, typed)
        assert (found.count, found.more) == (count, count == 100), typed
        assert reads_all(lambda t=typed: find(desk.ana, t)) == []  # type: ignore[misc]
    newest = Ticket.objects.order_by("-pk").filter(pk__in=[t.pk for t in find(desk.ana, "common", size=100).tickets])
    assert newest.first().pk - newest.last().pk < 350, "the newest are those that are looked at"  # type: ignore[union-attr]


WHOLE = re.compile(
    r"Seq Scan on record_(ticket|searched)|SCAN record_ticket|SCAN record_searched VIRTUAL TABLE INDEX 0:$"
)


def reads_all(read: Callable[[], object]) -> list[str]:
    return whole_reads(read, WHOLE)
