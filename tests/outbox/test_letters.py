"""Each letter of a ticket's life in each language: markup that mail programs lay out, and headers that they obey."""

from __future__ import annotations

import re
from email.message import EmailMessage
from typing import Any

import pytest
from django.core.signing import Signer

from forthwith.outbox import letterhead
from forthwith.procedure.wording import TEMPLATES
from tests.desk_fixtures import Desk
from tests.outbox.letters import TO_REQUESTERS, Read, html_of, life

TAGS = {
    *("html", "head", "meta", "title", "style", "body"),
    *("table", "tr", "td", "p", "br", "a", "img"),
    *("ul", "ol", "li", "blockquote", "pre", "code", "strong", "em"),
}
# What Outlook, Gmail or Yahoo leave out, and with it the layout that stands on it.
UNFIT = re.compile(r"flex|grid|position\s*:|float|@import|@font-face|url\(|var\(|calc\(|javascript:|<link|<script")


@pytest.fixture(params=["en", "de"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def letters(desk: Desk, language: str, settings: Any) -> dict[str, EmailMessage]:
    settings.PUBLIC_URL = "https://desk.example"
    return life(desk, language)


def test_a_tickets_life_has_every_letter_to_a_requester(letters: dict[str, EmailMessage]) -> None:
    assert set(letters) >= TO_REQUESTERS
    assert len([name for name in letters if name.startswith("staff_")]) >= 2
    assert set(TEMPLATES) >= set(letters)


@pytest.mark.sop("2.2", "4.3", "5.2", "7.1")
def test_every_letter_keeps_the_rules_of_mail(letters: dict[str, EmailMessage]) -> None:
    for purpose, mail in letters.items():
        html = html_of(mail)
        read = Read(html)
        assert read.open == [], purpose
        assert {tag for tag, _ in read.elements} <= TAGS, purpose
        assert not UNFIT.search(html), purpose
        assert "max-width:600px" in html
        assert '<!--[if mso]><table role="presentation" width="600"' in html
        assert 'name="color-scheme" content="light dark"' in html
        assert "prefers-color-scheme: dark" in html
        assert len(html.encode()) < 100_000, "Gmail cuts what is longer"
        for tag, attributes in read.elements:
            check(tag, attributes)


def check(tag: str, attributes: dict[str, str]) -> None:
    assert not {name for name in attributes if name.startswith("on")}
    if tag == "table":
        assert (attributes["role"], attributes["border"]) == ("presentation", "0")
    if tag in ("p", "td", "a", "ul", "ol", "li", "blockquote", "pre", "code"):
        assert "style" in attributes or attributes.get("align"), "styles stand on their elements"
    if tag == "img":
        assert attributes["alt"]
        assert attributes["src"].startswith("cid:")
        assert int(attributes["width"]) <= letterhead.WIDTH - 48
    for width in re.findall(r"(?<!max-)width:\s*(\d+)px", attributes.get("style", "")):
        assert int(width) <= letterhead.WIDTH


def test_a_letter_names_its_language(letters: dict[str, EmailMessage], language: str) -> None:
    for purpose, mail in letters.items():
        spoken = language if purpose in TO_REQUESTERS else "en"
        assert mail["Content-Language"] == spoken, purpose
        assert f'<html lang="{spoken}">' in html_of(mail), purpose


def test_the_foot_is_in_the_letters_language(letters: dict[str, EmailMessage], language: str) -> None:
    foot = {"en": ("Request #", "Open your request"), "de": ("Anfrage #", "Anfrage öffnen")}[language]
    words = "".join(Read(html_of(letters["acknowledgement"])).words)
    assert all(said in words for said in foot)


@pytest.mark.sop("4.3")
def test_only_who_is_in_copy_is_offered_to_leave(letters: dict[str, EmailMessage]) -> None:
    for purpose, mail in letters.items():
        offered = (mail["List-Unsubscribe"], mail["List-Unsubscribe-Post"])
        if purpose != "reply_to_others":
            assert offered == (None, None), purpose
            continue
        link = re.fullmatch(r"<(https://desk\.example/c/([\w:-]+)/)>", offered[0])
        assert link, offered[0]
        assert offered[1] == "List-Unsubscribe=One-Click"
        plain = mail.get_body(("plain",))
        assert plain is not None
        assert link[1] in plain.get_content()
        assert Signer(salt="forthwith.stop").unsign(link[2])
        assert "/t/" not in plain.get_content(), "the requester's own link is not theirs"


def test_no_letter_links_to_an_address_that_is_not_in_its_words(letters: dict[str, EmailMessage]) -> None:
    for purpose, mail in letters.items():
        plain = mail.get_body(("plain",))
        assert plain is not None
        for tag, attributes in Read(html_of(mail)).elements:
            if tag == "a":
                assert attributes["href"] in plain.get_content(), purpose
