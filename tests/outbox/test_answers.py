"""What a mail server's answer means: try again or not, and the words for it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forthwith.outbox import answers

KNOWN = [
    ("421 4.3.2 closing down", True, "their server takes no mail at present"),
    ("421 too busy", True, "their server is closing or busy"),
    ("450 4.2.1 mailbox busy", True, "the mailbox cannot take it at present"),
    ("550 5.2.1 disabled", False, "the mailbox is switched off"),
    ("450 4.7.1 <x>: Recipient address rejected: Greylisted, see postgrey", True, "their rules refused it"),
    ("451 4.3.0 try later", True, "their server had a fault of its own"),
    ("452 4.3.1 Insufficient system storage", True, "their server is full"),
    ("452 4.2.2 The recipient's inbox is full", True, "the mailbox is full"),
    ("550 5.1.1 no such user", False, "there is no such mailbox"),
    ("550 no", False, "they refused the address"),
    ("550 5.4.5 Daily user sending limit exceeded.", True, "they take no more mail from the desk for now"),
    ("550 5.7.1 Too many messages from your network", True, "they take no more mail from the desk for now"),
    ("552 5.2.2 Over quota", True, "the mailbox is full"),
    ("552 5.3.4 Message size exceeds fixed maximum", False, "the mail is too big for them"),
    ("552 too large", False, "the mail is too big for them"),
    ("452 4.5.3 too many recipients", True, "they take no more mail from the desk for now"),
    ("552-5.7.0 This message was blocked because its content presents a risk", False, "their rules refused it"),
    ("553 5.1.3 bad address", False, "that is no mail address"),
    ("554 5.7.1 looks like spam", False, "their rules refused it"),
    ("556 5.1.10 null MX", False, "they take no mail at all"),
    ("530 5.7.0 sign in first", True, "the relay wants the desk to sign in"),
    ("503 5.5.1 bad sequence", True, ""),
]


@pytest.mark.sop("2.2")
@pytest.mark.parametrize(("said", "again", "means"), KNOWN, ids=[said for said, _, _ in KNOWN])
def test_an_answer_is_understood(said: str, again: bool, means: str) -> None:
    assert answers.tries_again(int(said[:3]), said) == again
    assert answers.meaning(said) == means


def test_what_is_no_answer_speaks_for_itself() -> None:
    assert answers.meaning("The relay 127.0.0.1:25 cannot be used: it did not answer in time.") == ""
    assert answers.meaning("") == ""


@given(st.integers(200, 599), st.text(max_size=200))
def test_any_words_are_taken_and_every_4_is_tried_again(code: int, words: str) -> None:
    assert isinstance(answers.meaning(f"{code} {words}"), str)
    assert answers.tries_again(code, f"{code} {words}") or 500 <= code < 600
