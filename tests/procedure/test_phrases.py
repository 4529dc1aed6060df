"""Words are found whole, and the longest phrase at a place wins."""

from __future__ import annotations

import pytest

from forthwith.procedure.phrases import Lexicon, tokens

LEVELS = Lexicon({"hindered": ("urgent", "today"), "whenever": ("not urgent", "no rush"), "app": ("app", "can't work")})


@pytest.mark.sop("3.1")
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("This is URGENT, today!", {"hindered": ["urgent", "today"]}),
        ("It is not urgent.", {"whenever": ["not urgent"]}),
        ("It is not\n  urgent", {"whenever": ["not urgent"]}),
        ("It happens; the map is upcoming", {}),
        ("I can’t work in the app", {"app": ["can't work", "app"]}),
        ("urgent urgent", {"hindered": ["urgent"]}),
        ("", {}),
    ],
)
def test_whole_words_and_longest_phrases_are_found(text: str, said: dict[str, list[str]]) -> None:
    assert LEVELS.said(text) == said


def test_a_word_without_letters_or_digits_is_never_said() -> None:
    assert Lexicon({"x": ("!!!", "")}).said("It is down!!!") == {}


def test_an_empty_lexicon_says_nothing() -> None:
    assert Lexicon({}).said("anything at all") == {}


def test_a_long_text_is_read_once() -> None:
    looked_at = 0

    class Counted(Lexicon):
        def _phrase_at(self, words: list[str], at: int) -> tuple[str, ...]:
            nonlocal looked_at
            looked_at += 1
            return super()._phrase_at(words, at)

    Counted({"x": ("on on on", "no")}).said("on " * 2000)
    assert looked_at <= 2000


def test_tokens_keep_hyphens_and_apostrophes() -> None:
    assert tokens("Wi-Fi isn’t — e-mail_is 24x7") == ["wi-fi", "isn't", "e-mail", "is", "24x7"]
