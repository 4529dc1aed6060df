"""Which ticket a mail belongs to: by what was signed here; a bare number counts only from who is on it already."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings

from forthwith.channels.email.intake import Receipt
from forthwith.procedure import facts as f
from forthwith.record import links
from forthwith.record.models import Message, Ticket
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, after

pytestmark = pytest.mark.sop("1.2")


@pytest.fixture
def number(desk: Desk) -> int:
    """A ticket of Rui's that has been answered, so that there is a Message-ID of ours to refer to."""
    number = d.new_ticket()
    d.deliver_all(after(seconds=1))
    desk.reply(number, after(minutes=10))
    d.deliver_all(after(minutes=10))
    return number


@pytest.fixture
def ours(number: int) -> str:
    return d.posted("reply")[0].mail_id


def landed(**of: str) -> Receipt:
    """Where an answer by Rui lands; the subject says nothing unless given."""
    return d.arrive(d.mail("It is still broken.", **({"subject": "Hello"} | of)), after(1))


def test_by_the_signed_reply_address_in_the_envelope_or_the_header(number: int) -> None:
    address = links.reply_address(number)
    assert landed(to=address) == Receipt("reply", number)
    assert landed(to=f"Desk <{address.upper()}>") == Receipt("reply", number), "mail systems change the case"
    only_envelope = d.arrive(d.mail("Again."), after(1), recipients=("x@y.example", address))
    assert only_envelope == Receipt("reply", number)


def test_by_our_message_id_also_amid_garbage(number: int, ours: str) -> None:
    for header in (
        {"in_reply_to": f"<{ours}>"},
        {"references": f"<a@b> <{ours}> <c@d>"},
        {"references": f"garbage <<>> {'<x@y> ' * 30} <{ours}>", "in_reply_to": "donotknow"},
        {"in_reply_to": f"<{ours.upper()}>"},
    ):
        assert landed(**header) == Receipt("reply", number), header


@pytest.mark.parametrize("tag", ["[#{n}]", "(#{n})", "Re: [Desk #{n}] x", "AW: [#000{n}]", "[#999999] [#{n}]"])
def test_by_a_number_in_the_subject_from_the_requester(number: int, tag: str) -> None:
    assert landed(subject=tag.format(n=number)) == Receipt("reply", number)


@pytest.mark.parametrize("tag", ["#{n}", "{n}", "[{n}]x", "[#{n}", "[##{n}]", "[#{n}9]", "[#٣]"])
def test_what_only_resembles_a_number_of_ours_is_none(number: int, tag: str) -> None:
    assert landed(subject=tag.format(n=number)).outcome == "ticket"


def test_a_stranger_who_quotes_a_number_gets_a_ticket_of_their_own_and_learns_nothing(number: int) -> None:
    before = d.kinds(number)
    receipt = landed(subject=f"Re: Printer [#{number}]", sender="Eve <eve@other.example>")
    assert receipt.outcome == "ticket"
    assert receipt.ticket != number
    assert d.kinds(number) == before
    sent = d.posted("acknowledgement")[-1]
    assert sent.address == "eve@other.example"
    assert "blank pages" not in sent.text + sent.subject
    assert links.read_reply_address(sent.reply_to) == receipt.ticket


def test_who_was_put_in_copy_may_quote_the_number(desk: Desk) -> None:
    number = d.new_ticket(cc="Bo <bo@customer.example>")
    assert landed(subject=f"[#{number}]", sender="Bo <bo@customer.example>") == Receipt("reply", number)
    assert landed(subject=f"(#{number})", sender="bo@customer.example") == Receipt("reply", number)


@pytest.mark.parametrize("place", ["to", "in_reply_to", "references"])
def test_a_forged_signature_joins_nothing(number: int, ours: str, place: str) -> None:
    address = links.reply_address(number)
    local, _, domain = address.partition("@")
    forged = {
        "to": f"{local[:-1]}{'a' if local[-1] != 'a' else 'b'}@{domain}",
        "in_reply_to": f"<{ours.replace(f't{number}.', f't{number + 1}.')}>",
        "references": f"<t{number}.0123456789abcdef.{'a' * 20}@{domain}>",
    }[place]
    assert landed(**{place: forged}).outcome == "ticket"


def test_a_signature_of_one_ticket_is_none_of_another(desk: Desk, number: int) -> None:
    other = d.new_ticket(subject="Another thing")
    swapped = links.reply_address(number).replace(f"+t{number}.", f"+t{other}.")
    assert landed(to=swapped).outcome == "ticket"
    assert landed(to=links.reply_address(4711)).outcome == "ticket", "signed, but there is no such ticket"


# What other desks do (threading_cases.json), and what this one does where they differ or ask for more.
OURS = {
    "thr-008": (
        "new ticket",
        "a reference to another desk's mail proves nothing here, and the mail is not lost for it",
    ),
    "thr-022": ("joins X", "our id is signed: its place among the others says nothing"),
}
# Not of where a mail lands: what proves them, or why nothing can yet.
ELSEWHERE = {
    "thr-026": "tickets are not merged yet",
    "thr-030": "tickets are not merged yet",
    "thr-032": "tickets are not merged yet",
    "thr-046": "clocks: tests/procedure/test_clocks.py",
    "thr-048": "clocks: tests/procedure/test_clocks.py",
    "thr-050": "clocks: tests/procedure/test_clocks.py",
    "thr-052": "clocks: tests/procedure/test_clocks.py",
    "thr-054": "clocks: tests/procedure/test_clocks.py",
    "thr-056": "clocks: tests/procedure/test_clocks.py",
}
CASES = [case for n in range(2, 58, 2) if (case := f"thr-{n:03}") not in ELSEWHERE]


@pytest.mark.parametrize("case", CASES)
def test_rules_of_other_desks(case: str, desk: Desk, number: int, ours: str, shared_data: Path) -> None:
    rules = {rule["id"]: rule for rule in json.loads((shared_data / "threading_cases.json").read_text())["cases"]}
    expected = OURS.get(case, (rules[case]["expected"], ""))[0]
    assert _PLAYS[case](desk, number, ours) == expected


def _join(**headers: str) -> Callable[[Desk, int, str], str]:
    """An answer of Rui's with these headers: where it lands, in the words of the rules."""

    def play(desk: Desk, number: int, ours: str) -> str:
        told = {name: value.replace("OURS", f"<{ours}>").replace("X", str(number)) for name, value in headers.items()}
        receipt = landed(**told)
        return (
            "joins X" if receipt == Receipt("reply", number) else "new ticket" if receipt.outcome == "ticket" else "?"
        )

    return play


def _joins_101(subject: str) -> Callable[[Desk, int, str], str]:
    def play(desk: Desk, number: int, ours: str) -> str:
        receipt = landed(subject=subject.replace("101", str(number)))
        return "joins 101" if receipt == Receipt("reply", number) else "new ticket"

    return play


def _in_a_file(kind: str) -> Callable[[Desk, int, str], str]:
    def play(desk: Desk, number: int, ours: str) -> str:
        from email.message import EmailMessage

        made = EmailMessage()
        made["From"], made["Subject"] = "rui@customer.example", "Hello"
        made.set_content("See the file.")
        made.add_attachment(f"[#{number}] <{ours}>".encode(), maintype=kind, subtype="x", filename=f"[#{number}].x")
        return "new ticket" if d.arrive(made.as_bytes(), after(1)).outcome == "ticket" else "joins"

    return play


def _closed(says: str, **headers: str) -> Callable[[Desk, int, str], str]:
    def play(desk: Desk, number: int, ours: str) -> str:
        desk.resolve(number, after(minutes=20))
        from forthwith.people.permits import Actor
        from forthwith.steps import acts

        acts.confirm(number, by=Actor.requester(desk.rui.pk), now=after(minutes=30))
        told = {name: value.replace("OURS", f"<{ours}>").replace("X", str(number)) for name, value in headers.items()}
        joined = landed(**told) == Receipt("reply", number)
        return says if joined and d.row(number).status == "open" else "?"

    return play


def _bounced(desk: Desk, number: int, ours: str) -> str:
    from tests.channels.test_returned_mail import bounce

    status, count = d.row(number).status, len(d.posted("acknowledgement", "reply"))
    joined = d.arrive(bounce(ours), after(1)).ticket == number
    unchanged = d.row(number).status == status and len(d.posted("acknowledgement", "reply")) == count
    told = bool(d.facts(number, f.DeliveryFailed))
    return "joins, state unchanged, no auto-response" if joined and unchanged and told else "?"


def _taken_for(**headers: str) -> Callable[[Desk, int, str], str]:
    def play(desk: Desk, number: int, ours: str) -> str:
        receipt = landed(**headers)
        return (
            "normal message" if receipt.outcome == "ticket" and d.row(receipt.ticket or 0).priority else "out of office"
        )

    return play


def _acknowledged(desk: Desk, number: int, ours: str) -> str:
    receipt = landed()
    return "send acknowledgement" if d.posted("acknowledgement")[-1].ticket_id == receipt.ticket else "?"


_PLAYS: dict[str, Callable[[Desk, int, str], str]] = {
    "thr-002": _join(references="OURS"),
    "thr-004": _join(in_reply_to="OURS", references="donotknow"),
    "thr-006": _join(references="<x1.0123456789abcdef.abcdefghijklmnopqrst@localhost>"),
    "thr-008": _join(references="<t1.0123456789abcdef.abcdefghijklmnopqrst@otherdesk.example>"),
    "thr-010": _joins_101("Re: [OUR #0000101] [Ticket#2026072803024161] Foo"),
    "thr-012": _joins_101("[Foreign #1234567] Re: [OUR #0000101] Foo"),
    "thr-014": _join(subject="[OURTAG#999999] [OURTAG#X]"),
    "thr-016": _in_a_file("text"),
    "thr-018": _in_a_file("image"),
    "thr-020": _join(in_reply_to="OURS", subject="AW: RE: Printer prints blank pages"),
    "thr-022": _join(references="<a@x> OURS <b@y>", subject="different"),
    "thr-024": _closed("joins X and re-opens it", subject="[#X]"),
    "thr-028": _join(subject="[#X]"),
    "thr-034": _closed("joins and re-opens", in_reply_to="OURS"),
    "thr-036": _bounced,
    "thr-038": _taken_for(x_ms_exchange_inbox_rules_loop="aaa.bbb@example.com"),
    "thr-040": _taken_for(),
    "thr-042": _taken_for(
        auto_submitted="auto-replied (zimbra; vacation)", precedence="bulk", x_mailer="Zimbra 7.1.3_GA_3346"
    ),
    "thr-044": _acknowledged,
}


def test_an_answer_is_threaded_by_mail_programs_too(desk: Desk) -> None:
    """Replies carry the ids of the conversation (RFC 5322 3.6.4), a signed Reply-To, and a subject that holds."""
    number = d.new_ticket(mail_id="first@customer.example", references="<older@customer.example>")
    ack = d.posted("acknowledgement")[0]
    assert ack.in_reply_to == "first@customer.example"
    assert ack.references == "<older@customer.example> <first@customer.example>"
    assert ack.automatic
    desk.reply(number, after(minutes=5))
    answer = d.posted("reply")[0]
    assert answer.in_reply_to == "first@customer.example"
    assert not answer.automatic
    d.arrive(d.mail("And now?", mail_id="second@customer.example", in_reply_to=f"<{answer.mail_id}>"), after(minutes=9))
    desk.reply(number, after(minutes=12))
    latest = d.posted("reply")[1]
    assert latest.in_reply_to == "second@customer.example"
    assert latest.references == f"<first@customer.example> <{ack.mail_id}> <{answer.mail_id}> <second@customer.example>"
    assert links.read_reply_address(latest.reply_to) == number
    assert links.read_mail_id(latest.mail_id) == number
    assert Message.objects.filter(mail_id=latest.mail_id).count() == 1
    assert latest.reply_to.endswith(settings.DESK_ADDRESS.rpartition("@")[2])


def test_the_answer_goes_to_the_address_the_requester_wrote_from(desk: Desk) -> None:
    from forthwith.people.models import Address

    Address.objects.create(person=desk.rui, address="rui@home.example")
    number = d.new_ticket(sender="Rui <Rui@Home.example>")
    desk.reply(number, after(minutes=5))
    assert [sent.address for sent in d.posted("acknowledgement", "reply")] == ["rui@home.example"] * 2
    d.arrive(d.mail("I see.", sender="bo@other.example", to=links.reply_address(number)), after(minutes=6))
    desk.reply(number, after(minutes=7))
    assert d.posted("reply")[1].address == "rui@home.example", "never to who merely joined"
    assert Ticket.objects.count() == 1
