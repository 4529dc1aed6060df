"""Signed ways to a ticket: what was not signed here, or not for this ticket, opens nothing."""

from __future__ import annotations

import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from forthwith.record import links

numbers = st.integers(min_value=1, max_value=10**15)


@given(numbers, numbers)
def test_what_is_signed_reads_back(number: int, person: int) -> None:
    assert links.read_token(links.token(number, person)) == (number, person)
    assert links.read_reply_address(links.reply_address(number)) == number
    assert links.read_mail_id(links.new_mail_id(number)) == number


@given(numbers, st.sampled_from([str.upper, str.title, lambda s: f" {s} "]))
def test_mail_systems_may_change_the_case(number: int, change: object) -> None:
    assert links.read_reply_address(change(links.reply_address(number))) == number  # type: ignore[operator]
    assert links.read_mail_id(change(links.new_mail_id(number))) == number  # type: ignore[operator]
    assert links.read_mail_id(f"<{links.new_mail_id(number)}>") == number


@given(numbers, numbers)
def test_a_signature_is_for_one_ticket_and_one_purpose(number: int, other: int) -> None:
    if number == other:
        return
    assert links.read_reply_address(links.reply_address(number).replace(f"+t{number}.", f"+t{other}.")) is None
    assert links.read_mail_id(links.new_mail_id(number).replace(f"t{number}.", f"t{other}.", 1)) is None
    signature = links.token(number, 1).partition(":")[2]
    assert links.read_token(f"{other}-1:{signature}") is None
    assert links.read_token(f"{number}-2:{signature}") is None


@given(st.text(max_size=200))
def test_any_text_is_read_without_an_error_and_opens_nothing(text: str) -> None:
    assert links.read_token(text) is None
    assert links.read_reply_address(text) is None
    assert links.read_mail_id(text) is None


@pytest.mark.parametrize("sign", ["1-1", "-:x", ":", "1-1:", "٣-1:x"])
def test_half_a_token_is_none(sign: str) -> None:
    assert links.read_token(sign) is None


def test_another_desk_signs_otherwise() -> None:
    with override_settings(SECRET_KEY="another desk"):
        foreign = links.token(1, 1), links.reply_address(1), links.new_mail_id(1)
    read = links.read_token(foreign[0]), links.read_reply_address(foreign[1]), links.read_mail_id(foreign[2])
    assert read == (None, None, None)


def test_ids_are_never_used_twice() -> None:
    assert len({links.new_mail_id(1) for _ in range(1000)}) == 1000
    assert len(links.reply_address(10**15)) < 128
    assert len(links.reply_address(10**9).partition("@")[0]) <= 64, "RFC 5321 4.5.3.1.1"
