"""The pages of the desk in German: no text that the desk itself says stays English there (SOP 6.1)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser

import polib
import pytest
from django.test import Client
from django.utils import timezone

from forthwith.people.models import Person
from forthwith.people.permits import Actor
from forthwith.steps import acts
from tests import desk_fixtures as d
from tests import shelf
from tests.desk_fixtures import Desk
from tools import translations

pytestmark = pytest.mark.django_db
SHORTEST = 13
"""Shorter texts are too often part of another word or a name."""
NAMED = {"aria-label", "title", "placeholder", "alt"}
# What these say may be data elsewhere: names as the standard procedure has them.
SAMPLES = {"desk/samples.py", "desk/saved_replies.py", "desk/templates/desk/components.html"}


# Texts of the standard procedure, which is data, and words of ours that stand in its steps.
DATA = {"email, portal, chat, phone", "acknowledgement", "business hours"}


class _Read(HTMLParser):
    """What somebody reads or is read on a page: its texts, and the names of its parts."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._silent = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent = tag in ("script", "style")
        self.texts += [value for name, value in attrs if name in NAMED and value]

    def handle_endtag(self, tag: str) -> None:
        self._silent = False

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.texts.append(" ".join(data.split()))


def read(page: str) -> list[str]:
    reader = _Read()
    reader.feed(page)
    return [text for text in reader.texts if text]


@cache
def english() -> set[str]:
    """The texts of the catalogue that have no place to fill, and that German says in other words."""
    (path,) = translations.languages()
    return {one.msgid for one in polib.pofile(str(path)) if _is_told(one)}


def _is_told(one: polib.POEntry) -> bool:
    of_samples = {name for name, _ in one.occurrences} <= SAMPLES
    whole = not one.msgid_plural and not re.search("[%{<]", one.msgid)
    return whole and len(one.msgid) >= SHORTEST and one.msgstr != one.msgid and not of_samples


def left_in(page: str) -> set[str]:
    """What of the catalogue's English stands in a page."""
    said, known = read(page), english() - DATA
    found = {text for text in known if any(text in one for one in said)}
    return {text for text in found if not any(text != longer and text in longer for longer in found)}


def german(person: Person) -> Client:
    client = Client(headers={"host": "localhost", "accept-language": "de"})
    client.force_login(person)
    return client


def ticket(desk: Desk) -> int:
    """A ticket with what a page can say of one: answers, notes, somebody else's, another of the requester's."""
    now = timezone.now()
    number, other = d.new_ticket(now), d.new_ticket(now, subject="Another matter")
    by = Actor.of(desk.ana)
    acts.take(number, by=by, now=now)
    desk.reply(number, now)
    acts.note(number, by=by, now=now, text="For the desk alone")
    acts.link(number, by=by, now=now, to=other, relation="related")
    acts.escalate_by_hand(number, by=by, now=now, kind="hierarchical", to_team="", why="It grows")
    return number


def pages(number: int, article: int) -> Iterator[str]:
    for address in ("", "peek/", "clocks/", "history/", "history/?from=1&to=3", "requester/", "articles/"):
        yield f"/tickets/{number}/{address}"
    for deed in ("assign", "priority", "category", "escalate", "resolve", "wait", "hold", "promise", "merge", "split"):
        yield f"/tickets/{number}/do/{deed}/"
    for deed in ("link", "language", "add-in-copy", "tags", "fields", "time"):
        yield f"/tickets/{number}/do/{deed}/"
    for key in ("all", "mine", "unassigned", "risk", "late", "waiting", "hold", "settled"):
        yield f"/?list={key}"
    yield from (
        "/?team=nowhere&tag=x",
        "/?view=999",
        "/search/",
        "/search/?q=printer",
        "/search/?q=zzzz",
        "/views/",
        "/ui/",
    )
    yield from ("/replies/", "/notices/", "/notices/preferences/", "/drafts/", "/timer/", "/account/password/change/")
    yield from (
        "/articles/",
        "/articles/owed/",
        "/articles/new/",
        f"/articles/{article}/",
        f"/articles/{article}/edit/",
    )
    yield from ("/account/logout/", "/nowhere/")


@pytest.mark.parametrize("who", ["ana", "lea", "olga"])
def test_the_desks_pages_say_nothing_in_english(desk: Desk, who: str) -> None:
    number, article = ticket(desk), shelf.published().pk
    client = german(getattr(desk, who))
    client.post(f"/tickets/{number}/draft/", {"kind": "note", "text": "Begun", "version": "0"})
    found = {address: left_in(client.get(address, follow=True).content.decode()) for address in pages(number, article)}
    left = [f"{address}: {text}" for address, texts in found.items() for text in sorted(texts)]
    assert left == []


@pytest.mark.parametrize("address", ["/account/login/", "/account/password/reset/", "/account/password/reset/done/"])
def test_who_signs_in_reads_german(desk: Desk, address: str) -> None:
    page = Client(headers={"host": "localhost", "accept-language": "de"}).get(address, follow=True).content.decode()
    assert '<html lang="de">' in page
    assert left_in(page) == set()


@pytest.mark.parametrize("page", ["<p>Keyboard shortcuts</p>", '<b title="Keyboard shortcuts (?)"></b>'])
def test_english_that_is_left_is_seen(page: str) -> None:
    assert left_in(page) == {"Keyboard shortcuts"}
    assert left_in("<script>Keyboard shortcuts</script><p>Tastenkürzel</p>") == set()
