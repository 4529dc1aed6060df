"""The history of a ticket: narrowed, paged, its chain shown as it is, and two moments compared in words (SOP 6.1)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from forthwith.desk import compared
from forthwith.desk.history_kinds import HEADINGS, OTHER, PLACES
from forthwith.desk.past import MOST_LINES
from forthwith.people.permits import Actor
from forthwith.procedure import facts as f
from forthwith.procedure.conformance import STEPS
from forthwith.record import door
from forthwith.record.models import Entry, Ticket
from forthwith.steps import acts
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, as_person

MOST_QUERIES = 9


def hour_ago() -> Any:
    return timezone.now() - timedelta(hours=1)


def past(desk: Desk, number: int, **asked: object) -> str:
    answer = as_person(desk.ana).get(f"/tickets/{number}/history/", asked)
    assert answer.status_code == 200
    return str(answer.content.decode())


def shown(text: str) -> list[int]:
    return [int(number) for number in re.findall(r'id="fact-line-(\d+)"', text)]


@pytest.fixture
def worked(desk: Desk) -> int:
    """A ticket that was answered, noted on and moved."""
    number = d.new_ticket(hour_ago())
    now = timezone.now()
    acts.take(number, by=Actor.of(desk.ana), now=now)
    desk.reply(number, now, minutes=5)
    acts.note(number, by=Actor.of(desk.ben), now=now, text="Only for us.")
    acts.categorise(number, by=Actor.of(desk.ben), now=now, category="network.vpn", why="It is the network.")
    acts.prioritise(number, by=Actor.of(desk.ben), now=now, impact="widespread", urgency="stopped", why="All of them.")
    return number


@pytest.mark.sop("6.1")
def test_every_fact_is_there_with_its_revision_and_its_place_in_the_chain(desk: Desk, worked: int) -> None:
    text = past(desk, worked)
    entries = list(Entry.objects.filter(ticket=worked).order_by("-seq"))
    assert shown(text) == [entry.seq for entry in entries]
    for entry in entries:
        assert f'<code title="{entry.hash}">{entry.hash[:10]}</code>' in text
    assert "The chain is intact" in text
    assert text.count(f"procedure {d.row(worked).revision_id}</span>") == len(entries)


@pytest.mark.parametrize(
    ("asked", "kinds"),
    [
        ({"kind": "messages"}, {"Received", "Replied", "Noted"}),
        ({"kind": "messages", "person": "ben"}, {"Noted"}),
        ({"step": "3.1"}, {"Categorised"}),
        ({"kind": "triage", "step": "3.2"}, {"Prioritised"}),
        ({"person": "system", "step": "4.1"}, {"Assigned"}),
    ],
)
def test_it_is_narrowed(desk: Desk, worked: int, asked: dict[str, str], kinds: set[str]) -> None:
    who = {"ben": str(desk.ben.pk), "system": "system"}.get(asked.get("person", ""), "")
    found = shown(past(desk, worked, **(asked | ({"person": who} if who else {}))))
    assert {type(fact).__name__ for place, fact in enumerate(d.facts(worked), 1) if place in found} == kinds


def test_what_no_fact_is_like_says_what_to_do(desk: Desk, worked: int) -> None:
    text = past(desk, worked, step="7.2")
    assert "No fact is like this." in text
    assert "Show all" in text


@pytest.mark.parametrize(
    "asked", [{"kind": "x", "person": "-1", "step": "9", "before": "x", "from": "٣", "to": "9" * 30}, {"before": "0"}]
)
def test_an_address_that_makes_no_sense_shows_everything(desk: Desk, worked: int, asked: dict[str, str]) -> None:
    assert len(shown(past(desk, worked, **asked))) == d.row(worked).fact_count


@pytest.mark.sop("6.1")
@pytest.mark.broken_record
def test_a_changed_fact_breaks_the_chain_where_it_stands(desk: Desk, worked: int) -> None:
    Entry.objects.filter(ticket=worked, seq=3).update(noted_at=hour_ago() - timedelta(hours=9))
    text = past(desk, worked)
    assert "The chain breaks at fact 3." in text
    standing = dict(re.findall(r'id="fact-line-(\d+)" data-standing="([a-z ]+)"', text))
    assert standing["2"] == "intact"
    assert standing["3"] == "broken"
    assert standing["4"] == "behind a break"


@pytest.mark.broken_record
def test_a_fact_cut_off_at_the_end_is_seen(desk: Desk, worked: int) -> None:
    Entry.objects.filter(ticket=worked).order_by("-seq")[0].delete()
    assert "The last facts are gone." in past(desk, worked)


@pytest.mark.sop("6.1")
def test_two_moments_are_compared_in_words(desk: Desk, worked: int) -> None:
    count = d.row(worked).fact_count
    text = past(desk, worked, **{"from": 1, "to": count})
    cells = r'<th scope="row" dir="auto">(.*?)</th><td dir="auto">(.*?</td><td dir="auto">.*?)</td>'
    rows = dict(re.findall(cells, text))
    told = {what: change.split('</td><td dir="auto">') for what, change in rows.items()}
    assert told["Status"] == ["New", "Open"]
    assert told["Category"] == ["no category", "Network › VPN"]
    assert told["Assignee"] == ["–", "you"]
    assert told["Time worked"] == ["–", "5 min"]
    assert told["Priority"][1].startswith("Critical")
    assert told["Clock: first response"][1].startswith(("met", "late"))
    assert past(desk, worked, **{"from": count, "to": 1}).count("<th scope=") == text.count("<th scope=")
    assert "Nothing that is compared here changed" in past(desk, worked, **{"from": 2, "to": 2})
    assert f"choose numbers from 1 to {count}" in past(desk, worked, **{"from": 1, "to": count + 1})


def test_narrowing_keeps_the_comparison(desk: Desk, worked: int) -> None:
    text = past(desk, worked, **{"from": 1, "to": 4, "kind": "messages", "step": "4.3"})
    form = text.split('class="past-filters"')[1].split("</form>")[0]
    assert '<input type="hidden" name="from" value="1">' in form
    assert '<input type="hidden" name="to" value="4">' in form
    assert '<a class="button plain" href="?from=1&amp;to=4">Show all</a>' in form


def test_two_things_of_one_name_are_compared_apart_and_no_more_than_fit(
    desk: Desk, worked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, by, first = timezone.now(), Actor.of(desk.ana), d.row(worked).fact_count
    for hours in (1, 2):
        acts.promise(worked, by=by, now=now, what="I call you", due=now + timedelta(hours=hours))
    asked = {"from": first, "to": first + 2}
    assert past(desk, worked, **asked).count(">Promise: I call you</th>") == 2
    monkeypatch.setattr(compared, "MOST_CHANGES", 1)
    text = past(desk, worked, **asked)
    assert text.count('<th scope="row"') == 1
    assert "And 3 more." in text


def test_the_comparison_folds_no_more_than_was_known_then(desk: Desk, worked: int) -> None:
    closed = next(place for place, fact in enumerate(d.facts(worked), 1) if isinstance(fact, f.Replied))
    text = past(desk, worked, **{"from": 1, "to": closed})
    assert "Network › VPN" not in text.split('id="past-facts"')[0]


def test_five_thousand_facts_still_show(desk: Desk, django_assert_max_num_queries: Any) -> None:
    number = d.new_ticket(hour_ago())
    client, address = as_person(desk.ana), f"/tickets/{number}/history/"
    with django_assert_max_num_queries(MOST_QUERIES):
        client.get(address)
    with door.opened(number, by=Actor.of(desk.ana), now=timezone.now()) as case:
        for place in range(5_000):
            case.log(f.Ticked(at=case.now, by=desk.ana.pk, step=f"step {place}"))
    with django_assert_max_num_queries(MOST_QUERIES):
        text = client.get(address).content.decode()
    count = d.row(number).fact_count
    assert shown(text) == list(range(count, count - MOST_LINES, -1))
    older = re.search(r'href="\?before=(\d+)">Older facts', text)
    assert older
    assert shown(past(desk, number, before=older[1]))[0] == count - MOST_LINES
    assert shown(past(desk, number, before=3, kind="messages")) == [1]
    page = as_person(desk.ana).get(f"/tickets/{number}/").content.decode()
    assert len(shown(page)) == 100
    assert "and 4980 more" in page
    assert f'/tickets/{number}/history/?before=2#fact-line-1"' in page


def test_hostile_words_are_only_words(desk: Desk, worked: int) -> None:
    acts.categorise(worked, by=Actor.of(desk.ana), now=timezone.now(), category="hardware", why="<script>x</script>")
    text = past(desk, worked, **{"from": 1, "to": d.row(worked).fact_count})
    assert "<script>x" not in text
    assert "&lt;script&gt;x" in text


def test_every_fact_has_its_place() -> None:
    assert set(PLACES) == set(f.KINDS.values())
    assert {heading for heading, _ in PLACES.values()} == set(HEADINGS) - {OTHER}
    assert {step for _, step in PLACES.values()} <= set(STEPS)


def test_it_is_linked_and_only_for_who_reads_the_desk(desk: Desk, worked: int) -> None:
    assert f'href="/tickets/{worked}/history/"' in as_person(desk.ana).get(f"/tickets/{worked}/").content.decode()
    assert as_person(desk.olga).get(f"/tickets/{worked}/history/").status_code == 200
    assert as_person(desk.rui).get(f"/tickets/{worked}/history/").status_code in (302, 403)
    assert as_person(desk.ana).get("/tickets/99999/history/").status_code == 404
    assert Ticket.objects.filter(pk=worked).exists()
