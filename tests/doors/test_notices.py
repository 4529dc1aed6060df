"""What a person was told, at the counter: the bell, the list, what they choose, following, and `@` in a note."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from forthwith.outbox.told import Notice
from forthwith.people.models import Person
from forthwith.people.permits import Actor
from forthwith.procedure import facts as f
from forthwith.procedure.noticing import EVENTS
from forthwith.steps import acts, writing
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, as_person

PAGES = ("/notices/", "/notices/preferences/", "/colleagues/")


@pytest.fixture
def number(desk: Desk) -> int:
    """A ticket that Ana has; of being given it she has read."""
    made = d.new_ticket(timezone.now() - timedelta(hours=1))
    give(made, desk.ana, desk.lea)
    Notice.objects.all().delete()
    return made


def give(number: int, person: Person, by: Person) -> None:
    """Whatever the hour: by itself a ticket goes only to who is in their shift."""
    now = timezone.now() - timedelta(minutes=50)
    acts.assign(number, by=Actor.of(by), now=now, team="service_desk", assignee=person.pk)


def write(number: int, text: str = "Still blank.", minutes: int = 30) -> None:
    """The requester writes."""
    by, now = Actor.requester(d.row(number).requester_id), timezone.now() - timedelta(minutes=minutes)
    acts.requester_writes(number, by=by, now=now, text=text)


def note(person: Person, number: int, text: str) -> Any:
    return as_person(person).post(f"/tickets/{number}/write/", {"mode": "note", "text": text}, follow=True)


def count(person: Person, **data: Any) -> int:
    answer = as_person(person).post("/notices/bell/", data, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    found = re.search(r'data-count="(\d+)"', answer.content.decode())
    return int(found[1]) if found else 0


def page(person: Person, at: str = "/notices/") -> str:
    answer = as_person(person).get(at)
    assert answer.status_code == 200
    return answer.content.decode()


def test_only_people_of_the_desk_come_here(desk: Desk) -> None:
    for at in PAGES:
        assert as_person(desk.olga).get(at).status_code == 200, "an auditor may be mentioned too"
        assert as_person(desk.rui).get(at).status_code in (302, 403)
        assert Client().get(at).url.startswith("/account/login/")  # type: ignore[attr-defined]
    for at in ("/notices/bell/", "/notices/read/"):
        assert as_person(desk.rui).post(at).status_code in (302, 403)
        assert as_person(desk.ana).get(at).status_code == 405


@pytest.mark.sop("4.3")
def test_a_message_is_told_and_leads_to_its_very_place(desk: Desk, number: int) -> None:
    write(number, "Still <b>blank</b>.")
    message = d.facts(number, f.RequesterWrote)[0].message
    shown = page(desk.ana)
    assert f'href="/tickets/{number}/#message-{message}"' in shown
    assert f'id="message-{message}"' in page(desk.ana, f"/tickets/{number}/")
    assert "Rui Silva has written" in shown
    assert "Still &lt;b&gt;blank&lt;/b&gt;." in shown
    assert "data-unread" in shown
    assert "Nothing to tell you yet" in page(desk.ben)


def test_the_beginning_of_a_message_stays_as_it_was_written(desk: Desk, number: int) -> None:
    write(number, "no")
    page = as_person(desk.ana).get("/notices/", headers={"Accept-Language": "de"}).content.decode()
    assert '<html lang="de"' in page
    assert re.findall('class="draft-words" dir="auto">(.*?)<', page) == ["no"]


def test_an_event_leads_to_its_place_in_the_conversation(desk: Desk, number: int) -> None:
    give(number, desk.ben, desk.lea)
    at = re.search(rf'href="/tickets/{number}/#(fact-\d+)"', page(desk.ben))
    assert at
    assert f'id="{at[1]}"' in page(desk.ben, f"/tickets/{number}/")


def test_looking_at_the_ticket_reads_what_was_told_of_it(desk: Desk, number: int) -> None:
    other = d.new_ticket(timezone.now(), subject="Another", sender="Bo <bo@customer.example>")
    give(other, desk.ana, desk.lea)
    Notice.objects.all().delete()
    write(number)
    write(number)
    write(other)
    assert count(desk.ana) == 3
    shown = page(desk.ana, f"/tickets/{number}/")
    assert f'<input type="hidden" name="ticket" value="{number}">' in shown
    assert count(desk.ana, ticket=number) == 1
    assert count(desk.ana, ticket="x") == 1
    assert not Notice.objects.filter(ticket=number, mail_at__isnull=False)
    assert Notice.objects.filter(ticket=other, mail_at__isnull=False).count() == 1


def test_looking_at_the_ticket_that_goes_on_reads_what_was_told_of_the_other(desk: Desk, number: int) -> None:
    other = d.new_ticket(timezone.now(), subject="Again")
    write(number)
    acts.merge(number, by=Actor.of(desk.lea), now=timezone.now(), into=other)
    seen = re.findall(r'name="ticket" value="(\d+)"', page(desk.ana, f"/tickets/{other}/"))
    assert seen == [str(other), str(number)]
    assert (count(desk.ana) > 0, count(desk.ana, ticket=seen)) == (True, 0)


def test_without_scripts_the_bell_leads_to_the_list(desk: Desk, number: int) -> None:
    answer = as_person(desk.ana).post("/notices/bell/", {"ticket": number})
    assert answer.url == "/notices/"  # type: ignore[attr-defined]


def test_one_or_all_can_be_marked_and_only_ones_own(desk: Desk, number: int) -> None:
    for _ in range(3):
        write(number)
    first, second, _ = d.told(desk.ana)
    client = as_person(desk.ana)
    as_person(desk.ben).post("/notices/read/", {"notice": first.pk})
    assert count(desk.ana) == 3
    assert client.post("/notices/read/", {"notice": first.pk}).url == "/notices/"  # type: ignore[attr-defined]
    assert count(desk.ana) == 2
    client.post("/notices/read/", {"until": second.pk, "order": "time"})
    assert count(desk.ana) == 1, "what came after the page was made has not been seen"
    client.post("/notices/read/", {"until": 10**30})
    assert count(desk.ana) == 1


def test_the_list_is_paged_by_key_the_unread_first_or_by_time(desk: Desk, number: int) -> None:
    now = timezone.now()
    Notice.objects.bulk_create(
        Notice(
            person=desk.ana, ticket_id=number, event="followed", why=f"n{i};", at=now, read_at=now if i % 3 else None
        )
        for i in range(120)
    )

    def walk(order: str) -> list[int]:
        found: list[int] = []
        at: str | None = f"/notices/?{order}"
        while at:
            shown = page(desk.ana, at)
            found += [int(i) for i in re.findall(r">n(\d+);<", shown)]
            more = re.search(r'href="\?after=([nr]\d+)', shown)
            at = f"/notices/?after={more[1]}&{order}" if more else None
        return found

    assert walk("order=time") == list(range(119, -1, -1))
    assert walk("") == sorted(range(120), key=lambda i: (i % 3 > 0, -i))
    for odd in ("n", "zz", "r999999999999999999999", "n-1"):
        assert as_person(desk.ana).get("/notices/", {"after": odd}).status_code == 200


@pytest.mark.sop("4.3")
def test_a_person_says_what_they_want_to_be_told(desk: Desk, number: int) -> None:
    shown = page(desk.ana, "/notices/preferences/")
    assert re.search(r'name="mail-answered" checked', shown)
    assert 'name="mail-escalated"' not in shown, "that mail is the procedure's"
    kept = {f"app-{key}": "on" for key in EVENTS if key != "rated"} | {"mail-answered": "on", "mail-rated": "on"}
    answer = as_person(desk.ana).post("/notices/preferences/", kept, follow=True)
    assert "Saved." in answer.content.decode()
    desk.ana.refresh_from_db()
    assert desk.ana.wishes["rated"] == [False, True]
    assert desk.ana.wishes["assigned"] == [True, False]
    assert {"answered", "followed", "escalated"}.isdisjoint(desk.ana.wishes), "those are the procedure's own"
    write(number)
    assert (d.told(desk.ana)[0].shown, d.told(desk.ana)[0].mail_at is not None) == (True, True)
    assert "/notices/preferences/" in page(desk.ana, "/"), "in the person's menu"


@pytest.mark.sop("6.1")
def test_following_by_its_button(desk: Desk, number: int) -> None:
    shown = page(desk.ben, f"/tickets/{number}/")
    assert re.search(r'id="do-follow" data-key="f"', shown)
    as_person(desk.ben).post(f"/tickets/{number}/do/follow/")
    shown = page(desk.ben, f"/tickets/{number}/")
    assert "followed by you" in shown
    assert 'id="do-follow"' not in shown
    assert "followed by Ben" in page(desk.ana, f"/tickets/{number}/")
    write(number)
    assert count(desk.ben) == 1
    as_person(desk.ben).post(f"/tickets/{number}/do/unfollow/")
    write(number)
    assert count(desk.ben) == 1
    assert "follows the ticket no more" in page(desk.ben, f"/tickets/{number}/")


@pytest.mark.sop("6.1")
def test_a_note_calls_somebody_in_and_says_whom_it_cannot(desk: Desk, number: int) -> None:
    said = note(desk.ana, number, "@Sam look. @Rui Silva knows more.").content.decode()
    assert "Rui Silva may not see this note, and was not told." in said
    assert "calling in Sam" in said
    assert (count(desk.sam), count(desk.ana)) == (1, 0)
    assert Notice.objects.filter(person=desk.rui).count() == 0
    assert "Ana mentioned you in a note" in page(desk.sam)
    assert "Note kept. Only the desk sees it." in said


def test_whom_a_note_can_call_in(desk: Desk, number: int) -> None:
    Person.objects.create_user("ben2@desk.example", name="Ben", role="agent")
    Person.objects.create_user("gone@desk.example", name="Gone", role="agent", is_active=False)
    Person.objects.create_user("ana2@desk.example", name="Ana", role="agent")
    people = json.loads(page(desk.ana, "/colleagues/"))["people"]
    texts = [one["text"] for one in people]
    assert "@Ben (ben@desk.example) " in texts
    assert "@Sam " in texts
    assert "@Ana (ana2@desk.example) " in texts, "two are called so, the writer being one"
    assert not {"@Ana ", "@Gone ", "@Rui Silva "} & set(texts)
    assert 'data-mentions="/colleagues/"' in page(desk.ana, f"/tickets/{number}/")


@pytest.mark.parametrize("many", [1, 12])
def test_the_ticket_page_reads_no_more_for_who_follows(
    desk: Desk, number: int, many: int, django_assert_max_num_queries: Any
) -> None:
    people = [Person.objects.create_user(f"p{i}@desk.example", name=f"P{i}", role="agent") for i in range(many)]
    for person in people:
        writing.follow(number, by=Actor.of(person), now=timezone.now())
    write(number)
    client = as_person(desk.ana)
    client.get(f"/tickets/{number}/")
    with django_assert_max_num_queries(15):
        shown = client.get(f"/tickets/{number}/").content.decode()
    assert "followed by P0" in shown
    with django_assert_max_num_queries(10):
        client.get("/")
    with django_assert_max_num_queries(8):
        client.post("/notices/bell/", {"ticket": number}, headers={"HX-Request": "true"})


def test_the_list_costs_the_same_for_many(desk: Desk, number: int, django_assert_max_num_queries: Any) -> None:
    client = as_person(desk.ana)
    for _ in range(30):
        write(number)
    with django_assert_max_num_queries(12):
        assert client.get("/notices/").content.decode().count("data-unread") == 30


def test_every_event_has_its_name_and_its_sentence(desk: Desk, number: int) -> None:
    Notice.objects.bulk_create(
        Notice(person=desk.ana, ticket_id=number, event=event, at=timezone.now()) for event in EVENTS
    )
    assert page(desk.ana).count("data-unread") == len(EVENTS)
    assert page(desk.ana, "/notices/preferences/").count('scope="row"') == len(EVENTS)
