"""Linking, merging and splitting on the ticket's page: seen before it is done, undone with one click (SOP 6.1)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from forthwith.people.models import Person
from forthwith.people.permits import Actor
from forthwith.procedure import facts as f
from forthwith.record import links
from forthwith.record.messages import File
from forthwith.record.models import Attachment
from forthwith.steps import acts
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, arrive, as_person, mail

pytestmark = pytest.mark.sop("6.1")


@pytest.fixture
def number(desk: Desk) -> int:
    return d.new_ticket(ago(2), subject="Blank pages")


@pytest.fixture
def other(desk: Desk, number: int) -> int:
    return d.new_ticket(ago(1), subject="Blank again")


def ago(hours: float) -> Any:
    return timezone.now() - timedelta(hours=hours)


def do(person: Person, ticket: int, key: str, *, htmx: bool = False, **data: Any) -> Any:
    headers = {"HX-Request": "true"} if htmx else {}
    return as_person(person).post(f"/tickets/{ticket}/do/{key}/", data, headers=headers)


def page(person: Person, at: str) -> str:
    answer = as_person(person).get(at)
    assert answer.status_code == 200, at
    return str(answer.content.decode())


def test_both_tickets_are_shown_before_they_are_merged(desk: Desk, number: int, other: int) -> None:
    form = as_person(desk.ana).get(f"/tickets/{other}/do/merge/", headers={"HX-Request": "true"}).content.decode()
    assert f"#{number} Blank pages" in form
    shown = do(desk.ana, other, "merge", htmx=True, other=number)
    text = shown.content.decode()
    assert (shown.status_code, shown["HX-Retarget"]) == (200, "#act-sheet")
    assert f"Merge #{other} into #{number}" in text
    assert text.index("Blank again") < text.index("goes into") < text.index("Blank pages")
    assert "Rui Silva" in text
    assert f'name="sure" value="{number}"' in text
    assert not d.facts(other, f.MergedInto)
    done = do(desk.ana, other, "merge", other=number, sure=number)
    assert done.url == f"/tickets/{number}/"
    assert d.row(other).merged_into_id == number


def test_another_choice_is_shown_anew_and_a_stranger_is_warned_of(desk: Desk, number: int) -> None:
    eves = d.new_ticket(ago(1), subject="Mine", sender="Eve <eve@customer.example>")
    text = do(desk.ana, number, "merge", number=eves, sure=number + 1000).content.decode()
    assert "Two people ask" in text
    assert "Not done" not in text
    assert not d.facts(number, f.MergedInto)


@pytest.mark.parametrize(("data", "why"), [({}, "Choose a ticket"), ({"number": 99999}, "There is no ticket #99999")])
def test_a_merge_into_nothing_says_so(desk: Desk, number: int, data: dict[str, int], why: str) -> None:
    answer = do(desk.ana, number, "merge", **data)
    assert answer.status_code == 422
    assert why in answer.content.decode()


def test_a_merge_is_undone_from_its_toast_and_from_both_pages(desk: Desk, number: int, other: int) -> None:
    client = as_person(desk.ana)
    undo = f'action="/tickets/{other}/do/unmerge/"'
    merged = client.post(
        f"/tickets/{other}/do/merge/", {"number": number, "sure": number}, follow=True
    ).content.decode()
    toast = merged[merged.index('id="toasts"') :]
    assert f"#{other} is merged into this ticket." in toast
    assert undo in toast
    assert "csrfmiddlewaretoken" in toast
    assert f"from #{other}" in merged, "its messages are here, marked"
    assert undo in page(desk.ana, f"/tickets/{number}/")
    theirs = page(desk.ana, f"/tickets/{other}/")
    assert undo in theirs
    assert f'<a href="/tickets/{number}/">#{number} Blank pages</a> goes on for this ticket' in theirs
    assert "Send reply" not in theirs
    assert client.post(f"/tickets/{other}/do/unmerge/").url == f"/tickets/{other}/"
    assert d.row(other).status == "new"


def test_files_of_a_merged_ticket_are_reached_from_the_other(desk: Desk, number: int, other: int) -> None:
    file = File("plan.txt", "text/plain", b"the plan")
    desk.reply(other, timezone.now(), files=[file])
    acts.merge(other, by=Actor.of(desk.ana), now=timezone.now(), into=number)
    at = f"/tickets/{other}/files/{Attachment.objects.get().pk}/"
    assert at in page(desk.ana, f"/tickets/{number}/")
    assert b"".join(as_person(desk.ana).get(at).streaming_content) == b"the plan"  # type: ignore[attr-defined]


def test_links_show_status_and_subject_and_go_with_one_click(desk: Desk, number: int, other: int) -> None:
    client = as_person(desk.ana)
    linked = client.post(
        f"/tickets/{number}/do/link/", {"other": other, "relation": "child"}, follow=True
    ).content.decode()
    assert f'action="/tickets/{number}/do/unlink/"' in linked[linked.index('id="toasts"') :]
    panel = linked[linked.index('id="links-title"') :]
    row = panel[: panel.index("</li>")]
    for shown in ("Child", f"#{other}", "Blank again", "New"):
        assert shown in row
    assert "Parent" in page(desk.ana, f"/tickets/{other}/")
    assert client.post(f"/tickets/{number}/do/unlink/", {"to": other}).status_code == 302
    assert "Parent" not in page(desk.ana, f"/tickets/{other}/")


def test_a_parent_answers_on_all_its_children(desk: Desk, number: int, other: int) -> None:
    assert "Answer on all children" not in page(desk.ana, f"/tickets/{number}/")
    acts.link(number, by=Actor.of(desk.ana), now=timezone.now(), to=other, relation="child")
    client = as_person(desk.ana)
    said = {"text": "It is on its way.", "next_step": "News at four."}
    assert (
        "Sent on 1 of its children."
        in client.post(f"/tickets/{number}/do/answer-children/", said, follow=True).content.decode()
    )
    assert len(d.facts(other, f.Replied)) == 1


@pytest.fixture
def odd(desk: Desk, number: int) -> int:
    """The message about another matter that the requester wrote on the ticket."""
    raw = mail("The VPN is down for all of us.", subject="VPN & more is down")
    arrive(raw, ago(0.5), recipients=(links.reply_address(number),))
    return int(d.facts(number, f.RequesterWrote)[0].message)


def test_the_notice_of_another_subject_makes_a_ticket_of_it(desk: Desk, number: int, odd: int) -> None:
    shown = page(desk.ana, f"/tickets/{number}/")
    (at,) = re.findall(rf'id="split-odd-{odd}" href="([^"]+)"', shown)
    form = as_person(desk.ana).get(at.replace("&amp;", "&"), headers={"HX-Request": "true"}).content.decode()
    assert re.search(rf'value="{odd}"[^>]* checked', form)
    assert 'value="VPN &amp; more is down"' in form
    client = as_person(desk.ana)
    made = client.post(f"/tickets/{number}/do/split/", {"messages": [odd], "subject": "VPN"}, follow=True)
    new = int(d.facts(number, f.SplitOff)[0].ticket)
    assert made.redirect_chain[-1][0] == f"/tickets/{new}/"
    assert f'action="/tickets/{new}/do/merge-back/"' in made.content.decode()
    assert f">#{number} Blank pages</a>" in made.content.decode()
    after_it = page(desk.ana, f"/tickets/{number}/")
    assert "split-odd" not in after_it
    assert f'now <a href="/tickets/{new}/">#{new}</a>' in after_it
    assert client.post(f"/tickets/{new}/do/merge-back/").status_code == 302
    assert d.row(new).merged_into_id == number
    assert page(desk.ana, f"/tickets/{number}/").count("The VPN is down for all of us.") == 1, "there once, not twice"


def test_every_message_has_it_in_its_menu(desk: Desk, number: int) -> None:
    first = int(d.facts(number, f.Received)[0].message)
    assert f'id="split-{first}"' in page(desk.ana, f"/tickets/{number}/")
    assert f'id="split-{first}"' not in page(desk.olga, f"/tickets/{number}/")
    assert do(desk.ana, number, "split").status_code == 422
    assert do(desk.ana, number, "split", messages=[first + 10_000]).status_code == 422


def test_an_auditor_sees_all_of_it_and_changes_nothing(desk: Desk, number: int, other: int, odd: int) -> None:
    acts.link(number, by=Actor.of(desk.ana), now=timezone.now(), to=other)
    before = d.kinds(number)
    shown = page(desk.olga, f"/tickets/{number}/")
    assert "Blank again" in shown
    for key, data in (
        ("merge", {"number": other, "sure": other}),
        ("link", {"number": other, "relation": "related"}),
        ("unlink", {"to": other}),
        ("split", {"messages": [odd]}),
        ("answer-children", {"text": "x"}),
    ):
        assert f'/do/{key}/"' not in shown
        assert do(desk.olga, number, key, **data).status_code in (403, 422), key
    assert d.kinds(number) == before


def test_the_number_of_queries_does_not_grow_with_what_is_joined(
    desk: Desk, number: int, django_assert_max_num_queries: Any
) -> None:
    ana = Actor.of(desk.ana)
    client = as_person(desk.ana)
    for i in range(8):
        one = d.new_ticket(ago(1), subject=f"More {i}")
        acts.link(number, by=ana, now=timezone.now(), to=one)
        if i % 2:
            acts.merge(one, by=ana, now=timezone.now(), into=number)
    client.get(f"/tickets/{number}/")
    with django_assert_max_num_queries(15):
        client.get(f"/tickets/{number}/")


def test_a_merged_ticket_stands_among_what_is_settled(desk: Desk, number: int, other: int) -> None:
    acts.merge(other, by=Actor.of(desk.ana), now=timezone.now(), into=number)
    assert "Blank again" in page(desk.ana, "/?list=settled&status=merged")
    assert "Blank again" not in page(desk.ana, "/?list=all")


# The requester's pages


def portal(number: int, person: Person, rest: str = "") -> str:
    return f"/t/{links.token(number, person.pk)}/{rest}"


def test_the_page_of_a_merged_ticket_leads_to_the_other(desk: Desk, number: int, other: int) -> None:
    desk.reply(other, ago(0.5), "Told on the second.", files=[File("a.txt", "text/plain", b"aa")])
    acts.merge(other, by=Actor.of(desk.ana), now=timezone.now(), into=number)
    client = as_person(desk.rui)
    moved = client.get(portal(other, desk.rui, "?done=answer"))
    assert moved.url == portal(number, desk.rui, "?done=answer")
    text = client.get(moved.url).content.decode()
    assert "Told on the second." in text
    assert f"in request {other}" in text
    file = Attachment.objects.get().pk
    assert b"".join(client.get(portal(number, desk.rui, f"files/{file}/")).streaming_content) == b"aa"  # type: ignore[attr-defined]
    assert client.get(portal(other, desk.rui, "solved/")).url == portal(number, desk.rui, "solved/")
    sent = client.post(portal(other, desk.rui), {"text": "More from an old tab."})
    assert sent.url == portal(number, desk.rui, "?done=answer")
    assert len(d.facts(number, f.RequesterWrote)) == 1


def test_another_requester_reads_their_own_and_what_was_sent_to_them(desk: Desk, number: int) -> None:
    desk.reply(number, ago(1.5), "Secret of Rui.")
    eves = d.new_ticket(ago(1), "Eve cannot print either, all pages are blank.", sender="Eve <eve@customer.example>")
    acts.merge(eves, by=Actor.of(desk.ana), now=ago(0.5), into=number)
    eve = Person.objects.get(email="eve@customer.example")
    desk.reply(number, ago(0.4), "For both of you.")
    client = as_person(eve)
    text = client.get(portal(eves, eve)).content.decode()
    assert "Eve cannot print either" in text
    assert "For both of you." in text
    assert "Secret of Rui." not in text
    assert "goes on together with another request" in text
    sent = client.post(portal(eves, eve), {"text": "Thank you, both."})
    assert sent.url == portal(eves, eve, "?done=answer")
    again = client.post(portal(eves, eve), {"text": "Thank you, both."})
    assert again.url == portal(eves, eve, "?done=answer")
    assert [fact.by for fact in d.facts(number, f.RequesterWrote)] == [eve.pk]
    assert "Thank you, both." in client.get(portal(eves, eve)).content.decode()
    assert "Eve cannot print either" not in as_person(desk.rui).get(portal(number, desk.rui)).content.decode()
    assert as_person(eve).get(portal(number, eve)).status_code == 404
