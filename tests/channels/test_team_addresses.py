"""A team's own address: what leaves from it, and what comes in at it (SOP 1.2, 3.1, 4.1)."""

from __future__ import annotations

import smtplib
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from forthwith.channels.email import smtp
from forthwith.outbox.composed import compose
from forthwith.procedure import facts as f
from forthwith.record import links
from forthwith.record.models import RawItem
from tests import desk_fixtures as d
from tests.desk_fixtures import DESK, after
from tests.receivers import receiving

NETWORK = "network@desk.example"
PRINTER = "Printer prints blank pages"


def with_address() -> str:
    team = "    name: Network\n    level: 2\n"
    return d.variant((team, f"{team}    mail_from: Network team <Network@desk.example>\n"))


@pytest.fixture
def desk(db: None) -> d.Desk:
    d.install(with_address())
    return d.hire()


def opened(raw: bytes, *recipients: str) -> int:
    receipt = d.arrive(raw, recipients=recipients or (NETWORK,))
    assert receipt.outcome == "ticket", receipt
    assert receipt.ticket is not None
    return receipt.ticket


@pytest.mark.sop("3.1", "4.1")
@pytest.mark.parametrize(
    ("to", "recipients"),
    [
        (NETWORK, (NETWORK,)),
        (DESK, (NETWORK,)),
        (DESK, ("NETWORK+wifi@Desk.Example",)),
        (NETWORK, ()),
        (f"{DESK}, Network <{NETWORK}>", (DESK,)),
    ],
)
def test_mail_to_a_teams_address_is_that_teams_whatever_its_category(
    desk: d.Desk, to: str, recipients: tuple[str, ...]
) -> None:
    number = d.arrive(d.mail(to=to), recipients=recipients).ticket
    assert number is not None
    row = d.row(number)
    assert (row.team, row.category) == ("network_team", "hardware.printer")
    assert d.facts(number, f.Received)[0].team == "network_team"


def test_mail_to_the_desk_goes_to_the_categorys_team(desk: d.Desk) -> None:
    number = opened(d.mail(), DESK)
    assert d.row(number).team == "service_desk"
    assert d.facts(number, f.Received)[0].team is None


@pytest.mark.sop("2.2", "4.3")
def test_its_mails_leave_from_its_address_and_answers_come_home(desk: d.Desk) -> None:
    number = opened(d.mail(to=NETWORK))
    desk.reply(number, after(1))
    for row in d.posted("acknowledgement", "reply"):
        sent = message_from_bytes(compose(row), _class=EmailMessage, policy=policy.default)
        assert sent["From"] == "Network team <Network@desk.example>"
        assert links.read_reply_address(sent["Reply-To"].addresses[0].addr_spec) == number
        assert links.read_reply_address(row.reply_to) == number, "the envelope's sender, to which bounces go"
    # Some programs answer to From all the same.
    answer = d.mail("Thanks!", to=NETWORK, in_reply_to=f"<{d.posted('reply')[0].mail_id}>")
    assert (d.arrive(answer, after(2), recipients=(NETWORK,)).outcome, d.row(number).team) == ("reply", "network_team")


def test_a_team_that_moves_it_on_says_where_it_is(desk: d.Desk) -> None:
    from forthwith.people.permits import Actor
    from forthwith.steps import acts

    number = opened(d.mail(to=NETWORK))
    acts.assign(number, by=Actor.of(desk.ana), now=after(1), team="identity", assignee=None)
    desk.reply(number, after(2))
    assert d.row(number).team == "identity"
    assert [row.mail_from for row in d.posted("reply")] == [""]


def test_the_desk_neither_copies_nor_answers_itself(desk: d.Desk) -> None:
    number = opened(d.mail(cc=f"{NETWORK}, bo@customer.example"), DESK)
    assert [fact.address for fact in d.facts(number, f.ParticipantAdded)] == ["bo@customer.example"]
    back = d.arrive(d.mail("Loop", sender=f"Network team <{NETWORK}>"), after(1))
    assert (back.outcome, back.reason) == ("ignored", "our own mail came back")


@pytest.fixture
def client(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> smtplib.SMTP:
    monkeypatch.setattr(smtp, "TEAMS_KEPT_S", 0.0)
    d.install()
    d.hire()
    with receiving() as port, smtplib.SMTP("127.0.0.1", port, timeout=20) as connected:
        yield connected


@pytest.mark.sop("1.2")
def test_the_receiver_takes_mail_for_a_team_as_soon_as_the_procedure_names_its_address(client: smtplib.SMTP) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        client.sendmail("rui@customer.example", NETWORK, d.mail())
    d.install(with_address(), now=after(1))
    for address in (NETWORK, "Network+printer@desk.example"):
        assert client.sendmail("rui@customer.example", address, d.mail(subject=address)) == {}
    assert {d.row(item.ticket_id).team for item in RawItem.objects.all()} == {"network_team"}
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        client.sendmail("rui@customer.example", "networks@desk.example", d.mail())
    assert refused.value.recipients["networks@desk.example"][0] == 550
