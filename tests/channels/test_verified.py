"""What a trusted server in front says of a mail's sender is kept and shown; nobody else's word counts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from forthwith.channels.email.verified import aligned, by_trusted
from forthwith.record.models import RawItem
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, as_person

FIELD = "Authentication-Results: mx.desk.example 1"


def found(*fields: str, sender: str = "rui@customer.example", host: str = "mx.desk.example") -> dict[str, Any]:
    return by_trusted("".join(f"{field}\r\n" for field in fields).encode() + b"Subject: x\r\n\r\nx", sender, host)


@pytest.mark.parametrize(
    ("results", "verdict"),
    [
        ("dmarc=pass (p=reject dis=none) header.from=customer.example", "verified"),
        ("dkim=pass (2048-bit key; ok=pass) header.d=mail.customer.example header.s=a", "verified"),
        ("DKIM=Pass\r\n header.i=@customer.example", "verified"),
        ("spf=pass smtp.mailfrom=bounce@customer.example; dkim=none", "verified"),
        ("spf=pass smtp.mailfrom=bounce@elsewhere.example; dkim=none", "not verified"),
        ("dkim=pass header.d=elsewhere.example; dmarc=fail header.from=customer.example", "not verified"),
        ("dkim=fail header.d=customer.example", "not verified"),
        ('dkim=fail reason="dkim=pass header.d=customer.example"', "not verified"),
        ("dkim=fail (dkim=pass header.d=customer.example)", "not verified"),
        ("dkim=pass header.d=example", "not verified"),
        ("none", ""),
    ],
)
def test_a_sender_is_verified_by_a_result_that_is_about_their_own_domain(results: str, verdict: str) -> None:
    assert found(f"{FIELD}; {results}").get("verdict", "") == verdict


def test_the_word_of_others_counts_for_nothing() -> None:
    forged = "Authentication-Results: mx.evil.example; dkim=pass header.d=customer.example"
    near = "Authentication-Results: mx.desk.example.evil.example; dkim=pass header.d=customer.example"
    assert found(forged, near) == {}
    verdict = found(forged, f"{FIELD}; spf=fail smtp.mailfrom=customer.example; dkim=none")
    assert verdict == {
        "verdict": "not verified",
        "domain": "customer.example",
        "by": "mx.desk.example",
        "spf": "fail",
        "dkim": "none",
    }


def test_domains_that_only_look_alike_do_not_vouch() -> None:
    assert aligned("customer.example", "mail.customer.example")
    assert aligned("mail.customer.example", "customer.example")
    assert not aligned("customer.example", "evilcustomer.example")
    assert not aligned("customer.example", "example")
    assert not aligned("", "customer.example")


@given(st.text(alphabet='dkimspfarc=; ()."\\\r\n@x', max_size=300))
def test_whatever_stands_in_the_field_is_read_to_its_end(said: str) -> None:
    assert found(f"{FIELD};{said}").get("verdict", "") in ("", "verified", "not verified")


def test_the_verdict_is_kept_with_the_mail_and_shown_on_the_message(desk: Desk, settings: Any) -> None:
    settings.RECEIVING = replace(settings.RECEIVING, trusted="mx.desk.example")
    said = "mx.desk.example; dkim=pass header.d=customer.example"
    for sender, words in (
        ("Rui <rui@customer.example>", "verified as customer.example"),
        ("Eva <eva@bank.example>", "not verified as bank.example"),
    ):
        number = d.new_ticket(timezone.now(), sender=sender, authentication_results=said)
        assert RawItem.objects.get(ticket=number).verified["dkim"] == "pass"
        assert f">{words}<" in as_person(desk.ana).get(f"/tickets/{number}/").content.decode()


def test_without_a_trusted_server_nothing_is_kept(desk: Desk) -> None:
    d.new_ticket(timezone.now(), authentication_results="mx.desk.example; dkim=pass header.d=customer.example")
    assert RawItem.objects.get().verified == {}
