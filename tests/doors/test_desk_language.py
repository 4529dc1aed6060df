"""In which language the pages of the desk are, and what their scripts say (SOP 6.1)."""

from __future__ import annotations

import json
from html import unescape
from typing import Any

import pytest
from django.test import Client

from forthwith.ui.language import said_in, script_words
from tests.desk_fixtures import Desk

pytestmark = pytest.mark.django_db


def language_of(answer: Any) -> str:
    return str(answer.content.decode().partition('<html lang="')[2][:2])


def reads(person: Any, **headers: str) -> Client:
    client = Client(headers={"host": "localhost", **headers})
    client.force_login(person)
    return client


def test_pages_are_in_the_browsers_language_until_one_is_chosen(desk: Desk) -> None:
    german = reads(desk.ana, **{"accept-language": "fr, de-AT;q=0.8, en;q=0.2"})
    assert language_of(german.get("/")) == "de"
    assert language_of(reads(desk.ana).get("/")) == "en"
    assert language_of(reads(desk.ana, **{"accept-language": "fr"}).get("/")) == "en"
    answer = german.post("/language/", {"language": "en", "next": "/?list=late"}, follow=True)
    assert answer.redirect_chain == [("/?list=late", 302)]
    assert language_of(answer) == "en"
    assert language_of(german.get("/")) == "en"


def test_a_language_without_pages_and_a_way_out_of_the_desk_are_refused(desk: Desk) -> None:
    client = reads(desk.ana)
    assert client.post("/language/", {"language": "xx"}).status_code == 422
    answer = client.post("/language/", {"language": "de", "next": "https://elsewhere.example/"})
    assert answer["Location"] == "/"
    assert client.get("/language/").status_code == 405


def test_a_german_page_gives_its_scripts_german_words_and_an_english_one_gives_none(desk: Desk) -> None:
    page = reads(desk.ana, **{"accept-language": "de"}).get("/").content.decode()
    words = json.loads(unescape(page.partition('data-words="')[2].partition('"')[0]))
    assert words["Nothing selected"] == "Nichts ausgewählt"
    assert 'id="words"' not in reads(desk.ana).get("/").content.decode()


def test_each_text_of_a_script_has_its_german_with_as_many_places() -> None:
    words = json.loads(script_words("de"))
    assert len(words) > 15
    assert [text for text, said in words.items() if text.count("{}") != said.count("{}")] == []


def test_texts_are_found_in_a_script_over_lines_and_quotes() -> None:
    assert said_in('say(word("Up to {}", 3)); word(\n  "It is \\"there\\"")') == ["Up to {}", 'It is "there"']
