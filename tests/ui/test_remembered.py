"""What Django's own tags and filters say, said without working it out anew."""

from __future__ import annotations

import pytest
from django.template import Context, Template
from django.template.defaultfilters import urlizetrunc
from django.urls import NoReverseMatch
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from forthwith.ui.filled import linked


def test_a_text_is_in_the_language_of_each_reader() -> None:
    page = Template('{% load i18n %}{% translate "Clocks" %}')
    for language, said in (("en", "Clocks"), ("de", "Uhren"), ("en", "Clocks")):
        with translation.override(language):
            assert page.render(Context()) == said


def test_a_text_that_a_page_brings_along_is_translated_each_time() -> None:
    page = Template("{% load i18n %}{% translate word %}{% translate 'Clocks' as kept %}{{ kept|lower }}")
    with translation.override("de"):
        assert page.render(Context({"word": "Team"})) == "Teamuhren"
        assert page.render(Context({"word": "Clocks"})) == "Uhrenuhren"


def test_an_address_follows_its_values() -> None:
    page = Template("{% url 'desk:act' number=number key=key %}")
    for number, key in ((1, "take"), (2, "take"), (1, "hold"), (1, "take")):
        assert page.render(Context({"number": number, "key": key})) == f"/tickets/{number}/do/{key}/"
    assert Template("{% url 'desk:queue' as at %}<{{ at }}>").render(Context()) == "</>"


def test_what_has_no_address_is_told_unless_a_name_was_asked_for() -> None:
    with pytest.raises(NoReverseMatch):
        Template("{% url 'desk:ticket' number=number %}").render(Context({"number": "x/y"}))
    assert Template("{% url 'desk:ticket' number='x' as at %}<{{ at }}>").render(Context()) == "<>"


_PIECES = st.sampled_from(
    (
        "see",
        " ",
        "\n",
        "https://a.example/b?c=1&d=2",
        "www.a.org",
        "a.com",
        "a@b.example",
        "(",
        ")",
        ".",
        ",",
        "<b>",
        "'",
    )
)


@given(st.one_of(st.lists(_PIECES, max_size=12).map("".join), st.text(max_size=60)))
def test_links_are_those_that_django_finds(text: str) -> None:
    assert linked(text) == urlizetrunc(text, 60)
