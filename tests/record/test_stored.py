"""Sentences that were written down in English are known again, and shown in the language of the page."""

from __future__ import annotations

from itertools import count

import pytest
from django.utils import translation

from forthwith.record import stored
from tests.growth import assert_in_proportion
from tools import translations


@pytest.mark.parametrize(
    ("kept", "shown"),
    [
        ("our own mail came back", "unsere eigene Mail kam zurück"),
        ("the same message came before, as item 21", "dieselbe Nachricht kam schon einmal, als Eingang 21"),
        ("canary, home after 2 s", "Probemail, zurück nach 2 s"),
        ("canary, home after 2 s, too late", "Probemail, zurück nach 2 s, zu spät"),
        (
            "an automatic answer to nothing of ours (auto-reply: it has the field X-Autoreply)",
            "eine automatische Antwort auf nichts von uns (automatische Antwort: sie hat das Feld X-Autoreply)",
        ),
        (
            "The mail server mail.example.org:993 refused the sign-in of it@example.org: it did not answer in time.",
            "Der Mailserver mail.example.org:993 hat die Anmeldung von it@example.org abgelehnt: "
            "er hat nicht rechtzeitig geantwortet.",
        ),
        ("Nobody of the desk has said this.", "Nobody of the desk has said this."),
        ("canary, home after ", "canary, home after "),
        ("", ""),
    ],
)
def test_what_was_written_down_is_known_again(kept: str, shown: str) -> None:
    with translation.override("de"):
        assert stored.recorded(kept) == shown
    with translation.override("en"):
        assert stored.recorded(kept) == kept


def test_each_known_sentence_is_said_somewhere_in_these_words() -> None:
    said = translations.messages()
    alone = [text for text in stored.KNOWN if said[text, ""] == ["record/stored.py"]]
    assert alone == []


@pytest.mark.parametrize("typed", ["x" + ": due" * 399, "kept as a note, not sent: " * 70 + "x", "Not sent: " * 5_000])
def test_what_somebody_typed_in_such_words_breaks_no_page(typed: str) -> None:
    with translation.override("de"):
        assert len(stored.recorded(typed)) > len(typed) // 2


def test_a_sentence_is_looked_through_in_proportion_to_its_length() -> None:
    numbers = count()

    def look(size: int) -> None:
        said = f"{next(numbers)} loop: " + "a has sent more than 1 mails to b within " * size
        for pattern in stored._PATTERNS:
            pattern.values(said)
        stored.recorded(said)
        stored.recorded(said[: stored._LONGEST - 5] + ": due")

    with translation.override("de"):
        assert_in_proportion(look, 2_000)
