"""SPF, DKIM and DMARC checked here: by the RFCs, within a limited time, and never at the cost of a mail."""

from __future__ import annotations

import smtplib
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from threading import Event
from typing import Any

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st

from forthwith.channels.email.vouching import check, dmarc, names, signatures, spf
from forthwith.channels.email.vouching.names import Away, Dns, Kind
from forthwith.record.models import RawItem, Ticket
from forthwith.steps.receive import Hop
from forthwith.worker import checks
from tests import desk_fixtures as d
from tests.desk_fixtures import DESK, Desk, as_person
from tests.growth import assert_in_proportion
from tests.name_server import BROKEN, SILENT, name_server
from tests.receivers import letter, receiving

FAR = "198.51.100.7"
CUSTOMER = "customer.example"


class Known:
    """Answers from a table; a name that stands for None does not answer."""

    def __init__(self, table: Mapping[tuple[str, str], list[str] | None]) -> None:
        self.table = table
        self.asked = 0

    def look_up(self, name: str, kind: Kind) -> list[str]:
        self.asked += 1
        found = self.table.get((name.lower().rstrip("."), kind), [])
        if found is None:
            raise Away("silent")
        return found


def spf_of(
    record: str | None,
    ip: str = FAR,
    sender: str = f"rui@{CUSTOMER}",
    helo: str = f"mx.{CUSTOMER}",
    **more: list[str] | None,
) -> str:
    """The result of a record; other names as `kind__name_with_underscores_for_dots`."""
    table: dict[tuple[str, str], list[str] | None] = {}
    if record is not None:
        table[CUSTOMER, "TXT"] = [record]
    for key, value in more.items():
        kind, _, name = key.partition("__")
        table[name.replace("_", "."), kind] = value
    asking = spf.sender_of(ip, helo, sender)
    assert asking is not None
    return spf.check(asking, Known(table))


@pytest.mark.parametrize(
    ("record", "result"),
    [
        (None, "none"),
        ("v=spf1", "neutral"),
        ("v=spf10 +all", "none"),
        ("V=SPF1 -ALL", "fail"),
        ("v=spf1 -all", "fail"),
        ("v=spf1 ~all", "softfail"),
        ("v=spf1 ?all", "neutral"),
        ("v=spf1 +all", "pass"),
        (f"v=spf1 ip4:{FAR} -all", "pass"),
        ("v=spf1 ip4:198.51.100.0/24 -all", "pass"),
        ("v=spf1 ip4:198.51.101.0/24 -all", "fail"),
        ("v=spf1 ip6:2001:db8::/32 -all", "fail"),
        ("v=spf1 ip4:198.51.100.0/33 -all", "permerror"),
        ("v=spf1 ip4:2001:db8:: -all", "permerror"),
        ("v=spf1 ip4 -all", "permerror"),
        ("v=spf1 nonsense +all", "permerror"),
        (f"v=spf1 ip4:{FAR} nonsense", "permerror"),
        ("v=spf1 a/99 -all", "permerror"),
        ("v=spf1 all:x.example", "permerror"),
        ("v=spf1 redirect=none.example", "permerror"),
        ("v=spf1 redirect=x.example redirect=y.example", "permerror"),
        ("v=spf1 unknown=whatever -all", "fail"),
        ("v=spf1   -all ", "fail"),
    ],
)
def test_spf_by_the_record_alone(record: str | None, result: str) -> None:
    assert spf_of(record) == result


@pytest.mark.parametrize(
    ("record", "more", "result"),
    [
        ("v=spf1 a -all", {"A__customer_example": [FAR]}, "pass"),
        ("v=spf1 a:web.example/24 -all", {"A__web_example": ["198.51.100.200"]}, "pass"),
        ("v=spf1 a:web.example//64 -all", {"A__web_example": ["198.51.100.200"]}, "fail"),
        ("v=spf1 mx -all", {"MX__customer_example": ["m.example"], "A__m_example": [FAR]}, "pass"),
        ("v=spf1 mx -all", {"MX__customer_example": [f"m{n}.example" for n in range(11)]}, "permerror"),
        ("v=spf1 include:o.example -all", {"TXT__o_example": [f"v=spf1 ip4:{FAR} -all"]}, "pass"),
        ("v=spf1 include:o.example ~all", {"TXT__o_example": ["v=spf1 -all"]}, "softfail"),
        ("v=spf1 include:o.example -all", {}, "permerror"),
        ("v=spf1 include:o.example -all", {"TXT__o_example": None}, "temperror"),
        ("v=spf1 redirect=o.example", {"TXT__o_example": [f"v=spf1 ip4:{FAR} -all"]}, "pass"),
        ("v=spf1 redirect=o.example ?all", {"TXT__o_example": ["v=spf1 -all"]}, "neutral"),
        ("v=spf1 include:customer.example", {}, "permerror"),
        ("v=spf1 redirect=customer.example", {}, "permerror"),
        (
            "v=spf1 exists:%{ir}.%{v}.%{l}.%{d2} -all",
            {"A__7_100_51_198_in-addr_rui_customer_example": ["127.0.0.2"]},
            "pass",
        ),
        (
            "v=spf1 exists:%{o1r}.%{d1}.%{h}.x -all",
            {"A__customer_example_mx_customer_example_x": ["127.0.0.2"]},
            "pass",
        ),
        ("v=spf1 exists:%{x}.example -all", {}, "permerror"),
        ("v=spf1 exists:a%b.example -all", {}, "permerror"),
        ("v=spf1 a:v1.example a:v2.example a:v3.example +all", {}, "permerror"),
        (
            "v=spf1 " + " ".join(f"a:h{n}.example" for n in range(11)),
            {f"A__h{n}_example": ["192.0.2.1"] for n in range(11)},
            "permerror",
        ),
        (
            "v=spf1 ptr -all",
            {"PTR__7_100_51_198_in-addr_arpa": ["mx.customer.example"], "A__mx_customer_example": [FAR]},
            "pass",
        ),
        (
            "v=spf1 ptr -all",
            {"PTR__7_100_51_198_in-addr_arpa": ["mx.evilcustomer.example"], "A__mx_evilcustomer_example": [FAR]},
            "fail",
        ),
        ("v=spf1 ptr -all", {"PTR__7_100_51_198_in-addr_arpa": ["mx.customer.example"]}, "fail"),
    ],
)
def test_spf_by_what_its_names_lead_to(record: str, more: dict[str, list[str] | None], result: str) -> None:
    assert spf_of(record, **more) == result


def test_spf_of_ipv6_of_an_empty_sender_and_of_several_records() -> None:
    assert spf_of("v=spf1 ip6:2001:db8::/32 -all", "2001:db8::7") == "pass"
    assert spf_of("v=spf1 a//32 -all", "2001:db8::7", AAAA__customer_example=["2001:db8:1::1"]) == "pass"
    assert spf_of("v=spf1 a//64 -all", "2001:db8::7", AAAA__customer_example=["2001:db8:1::1"]) == "fail"
    assert spf_of(f"v=spf1 ip4:{FAR} -all", f"::ffff:{FAR}") == "pass"
    assert spf_of("v=spf1 -all", sender="", helo=CUSTOMER) == "fail"
    assert spf_of("v=spf1 -all", sender="", helo="localhost") == "none"
    assert spf_of(None, TXT__customer_example=["v=spf1 -all", "v=spf1 +all"]) == "permerror"
    assert spf_of(None, TXT__customer_example=None) == "temperror"


@given(st.text(alphabet="v=spf1 aimx:/.%{}ldr-+~?redct0249", max_size=120))
def test_whatever_an_spf_record_says_it_is_read_to_its_end(said: str) -> None:
    assert spf_of(f"v=spf1 {said}") in ("pass", "fail", "softfail", "neutral", "permerror", "none")


@pytest.mark.parametrize(
    ("author", "records", "by", "result"),
    [
        (CUSTOMER, {}, [CUSTOMER], "none"),
        (CUSTOMER, {CUSTOMER: "v=DMARC1; p=reject"}, [CUSTOMER], "pass"),
        (CUSTOMER, {CUSTOMER: "v=DMARC1; p=reject"}, [f"mail.{CUSTOMER}"], "pass"),
        (CUSTOMER, {CUSTOMER: "v=DMARC1; p=reject; adkim=s"}, [f"mail.{CUSTOMER}"], "fail"),
        (CUSTOMER, {CUSTOMER: "v=DMARC1; p=reject"}, ["elsewhere.example"], "fail"),
        (CUSTOMER, {CUSTOMER: "v=DMARC1; p=reject"}, ["evilcustomer.example"], "fail"),
        (CUSTOMER, {CUSTOMER: "v=DMARC1; p=none"}, [], "fail"),
        (f"a.{CUSTOMER}", {CUSTOMER: "v=DMARC1; p=reject"}, [f"b.{CUSTOMER}"], "pass"),
        # Two customers of one hoster, whose own domain says that it is a public suffix.
        (
            "a.hoster.example",
            {"hoster.example": "v=DMARC1; psd=y", "a.hoster.example": "v=DMARC1"},
            ["b.hoster.example"],
            "fail",
        ),
        ("a.hoster.example", {"hoster.example": "v=DMARC1; psd=y"}, ["x.a.hoster.example"], "pass"),
        ("a.big.example", {"a.big.example": "v=DMARC1; psd=n", "big.example": "v=DMARC1"}, ["b.big.example"], "fail"),
        (CUSTOMER, {CUSTOMER: "v=DMARC2; p=reject"}, [CUSTOMER], "none"),
    ],
)
def test_dmarc_stands_by_what_the_domain_has_published(
    author: str, records: dict[str, str], by: list[str], result: str
) -> None:
    known = Known({(f"_dmarc.{name}", "TXT"): [record] for name, record in records.items()})
    assert dmarc.check(author, spf="", dkim=by, names=known) == result
    long = ".".join("abcdefghijklmnop")
    asking = Known({})
    assert dmarc.check(f"{long}.example", spf="", dkim=[f"x.{long}.example"] * 5, names=asking) == "none"
    assert asking.asked <= 8, "a long name is no reason for many questions"


@cache
def key() -> tuple[bytes, str]:
    """A private key, and the record of the public one."""
    made = rsa.generate_private_key(65537, 2048)
    kept = serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    told = made.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return made.private_bytes(*kept), f"v=DKIM1; k=rsa; p={b64encode(told).decode()}"


def signed(raw: bytes, domain: str = CUSTOMER, **more: Any) -> bytes:
    raw = raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    heads = [b"from", b"to", b"subject", b"message-id"]
    head: bytes = dkim.sign(raw, b"mail", domain.encode(), key()[0], include_headers=heads, **more)
    return head + raw


def with_key(domain: str = CUSTOMER, **more: list[str] | None) -> Known:
    return Known({(f"mail._domainkey.{domain}", "TXT"): [key()[1]], (f"_dmarc.{domain}", "TXT"): more.get("dmarc", [])})


def test_a_good_signature_is_told_from_a_bad_one_and_from_none() -> None:
    raw = signed(d.mail())
    assert signatures.signed_by(raw, with_key()) == ("pass", [CUSTOMER])
    assert signatures.signed_by(raw.replace(b"blank pages", b"money"), with_key()) == ("fail", [])
    assert signatures.signed_by(raw, Known({})) == ("fail", [])
    assert signatures.signed_by(raw, Known({(f"mail._domainkey.{CUSTOMER}", "TXT"): None})) == ("temperror", [])
    assert signatures.signed_by(d.mail(), with_key()) == ("none", [])
    assert signatures.signed_by(signed(d.mail(), length=True), with_key()) == ("policy", [])
    assert signatures.signed_by(signed(raw, "list.example"), with_key()) == ("pass", [CUSTOMER])


@pytest.mark.parametrize(
    "hostile",
    [
        b"DKIM-Signature: v=1; a=rsa-sha256; b=; bh=; d=x; s=y; h=from\r\n" * 3
        + b"From: a@b.example\r\n\r\n"
        + b" " * 1_000_000,
        b"DKIM-Signature: v=1\r\nX: " + b"\r\n " * 200_000 + b"\r\n\r\nx",
        b"DKIM-Signature: v=1\r\n" + b"X: y\r\n" * 100_000 + b"\r\nx",
        b"DKIM-Signature: h=" + b":" * 90_000 + b"\r\n\r\nx",
        b" DKIM-Signature: v=1\r\nDKIM-Signature: v=1\r\n\r\n",
        b"DKIM-Signature: \xff\r\n\r\n" + b"\r\n" * 2_000_000,
    ],
)
def test_a_hostile_mail_has_no_good_signature_and_takes_no_time(hostile: bytes) -> None:
    result, domains = signatures.signed_by(hostile, with_key())
    assert (result in ("permerror", "fail"), domains) == (True, [])


def test_checking_grows_in_proportion_to_the_mail() -> None:
    # Relaxed: then the ends of lines are looked for in every run of blanks.
    head = signed(d.mail(), canonicalize=(b"relaxed", b"relaxed")).partition(b"\r\n\r\n")[0]
    for piece in (b"a b\r\n", b" \t" * 100 + b"x\r\n", b"\r\n", b"From: x\n", b"x" * 100):
        assert_in_proportion(lambda n, p=piece: signatures.signed_by(head + b"\r\n\r\n" + p * n, with_key()), 300)

    assert_in_proportion(lambda n: signatures.signed_by(head + b"\r\n\r\n" + b" \t" * n + b"x", with_key()), 10_000)


def verdict(raw: bytes, known: Known, *, peer: str = FAR, sender: str = f"rui@{CUSTOMER}") -> dict[str, Any]:
    return check.verdict(raw, Hop(peer, f"mx.{CUSTOMER}"), sender=sender, names=known)


def test_the_verdict_has_the_shape_of_a_trusted_servers() -> None:
    good = verdict(signed(d.mail()), with_key(dmarc=["v=DMARC1; p=reject"]))
    said = {"domain": CUSTOMER, "by": "this desk", "spf": "none", "dkim": "pass", "dmarc": "pass"}
    assert good == {"verdict": "verified", **said}
    forged = verdict(d.mail(), with_key(dmarc=["v=DMARC1; p=reject"]))
    assert forged == {"verdict": "not verified", **said, "dkim": "none", "dmarc": "fail"}
    assert verdict(signed(d.mail()), with_key())["verdict"] == "verified", "without DMARC its own signature is enough"
    other = verdict(signed(d.mail(), "list.example"), with_key("list.example"))
    assert (other["verdict"], other["dkim"]) == ("not verified", "pass")
    assert verdict(b"Subject: x\r\n\r\nx", Known({})) == {}


def test_spf_vouches_for_its_domain_unless_a_server_near_us_handed_the_mail_over() -> None:
    known = Known({(CUSTOMER, "TXT"): [f"v=spf1 ip4:{FAR} ip4:10.0.0.0/8 ip4:127.0.0.1 -all"]})
    found = verdict(d.mail(), known)
    assert (found["verdict"], found["spf"]) == ("verified", "pass")
    assert verdict(d.mail(), known, peer="198.51.100.8")["spf"] == "fail"
    assert verdict(d.mail(), known, sender=f"<x@{CUSTOMER}>")["spf"] == "pass"
    assert verdict(d.mail(sender="Eva <eva@bank.example>"), known)["verdict"] == "not verified"
    for near in ("10.1.2.3", "127.0.0.1", "::1", "::ffff:10.1.2.3", "no address"):
        assert verdict(d.mail(), known, peer=near)["spf"] == "none"


@pytest.mark.sop("1.2")
def test_a_mail_by_smtp_is_taken_at_once_and_its_sender_checked_afterwards(
    transactional_db: None, settings: Any
) -> None:
    d.install()
    people = d.hire()
    zone = {
        (f"mail._domainkey.{CUSTOMER}", "TXT"): [f'"{key()[1][:200]}" "{key()[1][200:]}"'],
        (f"_dmarc.{CUSTOMER}", "TXT"): ['"v=DMARC1; p=reject"'],
        (CUSTOMER, "TXT"): ['"v=spf1 -all"'],
    }
    asked = name_server(zone)
    with asked as server:
        settings.RECEIVING = replace(settings.RECEIVING, checks=True, dns=server)
        with receiving() as port, smtplib.SMTP("127.0.0.1", port, "mx.customer.example") as client:
            client.sendmail(f"rui@{CUSTOMER}", DESK, signed(letter().as_bytes()))
            client.sendmail(f"rui@{CUSTOMER}", DESK, letter("Forged").as_bytes())
        genuine, forged = RawItem.objects.order_by("pk")
        assert (genuine.outcome, genuine.peer, genuine.helo) == ("ticket", "127.0.0.1", "mx.customer.example")
        assert (genuine.unchecked, genuine.verified, asked.asked) == (True, {}, []), "nobody waits for names"
        assert checks.turn(Event()) == 0
        assert checks.turn(Event()) == checks.LOOK_EACH_S
    genuine.refresh_from_db()
    forged.refresh_from_db()
    assert genuine.verified["dkim"] == genuine.verified["dmarc"] == "pass"
    assert (forged.verified["verdict"], forged.verified["dmarc"]) == ("not verified", "fail")
    for item, words in ((genuine, "verified as customer.example"), (forged, "not verified as customer.example")):
        page = as_person(people.ana).get(f"/tickets/{item.ticket_id}/").content.decode()
        assert f">{words}<" in page


def test_without_the_variable_nothing_is_asked(transactional_db: None) -> None:
    d.install()
    with receiving() as port, smtplib.SMTP("127.0.0.1", port) as client:
        client.sendmail(f"rui@{CUSTOMER}", DESK, letter().as_bytes())
    assert (RawItem.objects.get().unchecked, check.waiting()) == (False, [])


def arrived(desk: Desk, raw: bytes) -> RawItem:
    from forthwith.channels.email import intake

    intake.receive_mail(raw, sender=f"rui@{CUSTOMER}", recipients=[DESK], now=d.MONDAY, hop=Hop(FAR, "mx"))
    return RawItem.objects.get()


def test_the_word_of_a_trusted_server_comes_first(desk: Desk, settings: Any) -> None:
    settings.RECEIVING = replace(settings.RECEIVING, trusted="mx.desk.example", checks=True)
    said = "mx.desk.example; dkim=pass header.d=customer.example"
    item = arrived(desk, d.mail(authentication_results=said))
    assert (item.unchecked, item.verified["by"]) == (False, "mx.desk.example")
    assert check.waiting() == []


@pytest.mark.sop("1.2")
@pytest.mark.parametrize("answer", [SILENT, BROKEN])
def test_a_name_server_that_fails_costs_no_mail(desk: Desk, monkeypatch: pytest.MonkeyPatch, answer: list[str]) -> None:
    monkeypatch.setattr(names, "ALL_WITHIN_S", 0.2)
    item = arrived(desk, signed(d.mail()))
    assert Ticket.objects.count() == 1
    asked = [(CUSTOMER, "TXT"), (f"mail._domainkey.{CUSTOMER}", "TXT"), (f"_dmarc.{CUSTOMER}", "TXT")]
    with name_server(dict.fromkeys(asked, answer)) as server:
        check.look_at(item, Dns(server))
    item.refresh_from_db()
    results = {name: item.verified[name] for name in ("spf", "dkim", "dmarc")}
    assert results == {"spf": "temperror", "dkim": "temperror", "dmarc": "temperror"}
    assert (item.verified["verdict"], item.unchecked) == ("not verified", False)


def test_no_name_server_at_all_is_no_more_than_that() -> None:
    dead = Dns(("127.0.0.1", 1))
    dead._until = dead._seconds() + 0.2
    with pytest.raises(Away):
        dead.look_up(CUSTOMER, "TXT")
    late = Dns(("127.0.0.1", 1))
    late._until = late._seconds()
    with pytest.raises(Away, match="too long"):
        late.look_up(CUSTOMER, "TXT")
    for name in ("a" * 64 + ".example", "a..example", "x." * 200, "ü" * 300, "\\999.example"):
        assert Dns(("127.0.0.1", 1)).look_up(name, "TXT") == []


def test_names_are_asked_once_for_a_mail_and_mx_come_best_first() -> None:
    zone = {(CUSTOMER, "MX"): ["20 b.example.", "10 a.example."], ("7.100.51.198.in-addr.arpa", "PTR"): ["mx.example."]}
    zone |= {(CUSTOMER, "A"): [FAR], (CUSTOMER, "AAAA"): ["2001:db8::1"], (CUSTOMER, "TXT"): ['"one " "two"']}
    asked = name_server(zone)
    with asked as server:
        found = Dns(server)
        for _ in range(2):
            assert found.look_up("Customer.Example.", "MX") == ["a.example", "b.example"]
        assert found.look_up("7.100.51.198.in-addr.arpa", "PTR") == ["mx.example"]
        assert found.look_up(CUSTOMER, "A") == [FAR]
        assert found.look_up(CUSTOMER, "AAAA") == ["2001:db8::1"]
        assert found.look_up(CUSTOMER, "TXT") == ["one two"]
        assert found.look_up("nothing.example", "TXT") == []
    assert asked.asked.count((CUSTOMER, "MX")) == 1


def test_a_check_that_breaks_is_not_tried_for_ever(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("odd")

    item = arrived(desk, d.mail())
    monkeypatch.setattr(check, "verdict", broken)
    check.look_at(item, Known({}))
    assert check.waiting() == []
    assert RawItem.objects.get().outcome == "ticket"
