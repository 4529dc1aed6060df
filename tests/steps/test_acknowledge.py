"""Step 2: is the request complete, and does the requester know that we have it (SOP 2.1, 2.2)."""

from __future__ import annotations

import pytest

from forthwith.people.permits import Actor
from forthwith.procedure import document
from forthwith.procedure import facts as f
from forthwith.record import links
from forthwith.steps import acknowledge, acts, workflow
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, after


@pytest.mark.sop("2.2")
def test_the_acknowledgement_counts_when_the_relay_took_it_not_when_it_was_queued(desk: Desk) -> None:
    number = d.new_ticket()
    assert len(d.posted("acknowledgement")) == 1
    assert d.facts(number, f.Acknowledged) == []
    d.deliver_all(after(minutes=2))
    acknowledged = d.facts(number, f.Acknowledged)
    assert [(fact.at, fact.how) for fact in acknowledged] == [(after(minutes=2), "automatic")]
    workflow.on_delivery(d.posted("acknowledgement")[0], now=after(minutes=3))
    assert len(d.facts(number, f.Acknowledged)) == 1, "told twice, it is one still"


@pytest.mark.sop("2.2")
def test_one_that_left_late_is_late_and_was_escalated(desk: Desk) -> None:
    number = d.new_ticket()
    assert d.alarms(after(minutes=15)) == 1
    assert d.facts(number, f.Escalated)[0].rung == "acknowledgement_late"
    assert [sent.person_id for sent in d.posted("staff_escalation")] == [desk.lea.pk]
    d.deliver_all(after(minutes=16))
    assert d.verdicts(number, after(1))["2.2"] == "late"


@pytest.mark.sop("2.2")
def test_one_taken_a_second_before_the_alarm_ran_is_no_breach(desk: Desk) -> None:
    number = d.new_ticket()
    d.deliver_all(after(minutes=15, seconds=-1))
    assert d.alarms(after(minutes=16)) == 0
    assert d.verdicts(number, after(1))["2.2"] == "met"


@pytest.mark.sop("2.2")
def test_one_that_is_refused_for_good_is_an_alarm_to_the_leaders_on_another_road(desk: Desk) -> None:
    number = d.new_ticket()
    d.deliver_all(after(seconds=5), refused="550 5.1.1 no such user")
    failed = d.facts(number, f.DeliveryFailed)
    assert [(fact.purpose, fact.address, fact.why) for fact in failed] == [
        ("acknowledgement", "rui@customer.example", "550 5.1.1 no such user")
    ]
    told = d.posted("staff_undelivered")
    assert told[0].address == "lea@desk.example"
    assert "550 5.1.1 no such user" in told[0].text
    assert d.row(number).undelivered
    assert d.verdicts(number, after(1))["2.2"] == "missing"


@pytest.mark.sop("2.1", "2.2")
def test_what_is_missing_is_asked_in_the_acknowledgement_once_with_a_form_and_filled_in_from_the_answer(
    desk: Desk,
) -> None:
    number = d.new_ticket(text="The printer shows error 49 again and again all day long.", sender="x@y.example")
    assert d.row(number).missing == ["user_details", "urgency"]
    ack = d.posted("acknowledgement")[0]
    details = document.standard().details
    assert f"- {details['user_details'].ask}\n- {details['urgency'].ask}" in ack.text
    assert f"{links.ticket_url(number, d.row(number).requester_id)}details/" in ack.text
    assert d.kinds(number)[-2:] == ["DetailsAsked", "Assigned"]
    assert d.row(number).status == "new", "it is workable while incomplete"
    d.arrive(d.mail("My name is Xu. It is not urgent.", sender="x@y.example", to=ack.reply_to), after(1))
    assert d.row(number).missing == []
    assert d.facts(number, f.DetailsGiven)[0].details == ("user_details", "urgency")
    assert d.verdicts(number, after(1))["2.1"] == "met"
    assert d.posted("missing_details") == [], "one message, not two"


@pytest.mark.sop("2.1")
def test_details_are_given_in_the_form_and_stand_in_the_conversation(desk: Desk) -> None:
    number = d.new_ticket(text="The printer shows error 49 again and again all day long.")
    by = Actor.requester(desk.rui.pk)
    with pytest.raises(acts.Refused, match="at least one"):
        acts.give_details(number, by=by, now=after(1), details={"urgency": "  "})
    with pytest.raises(acts.Refused, match="no details"):
        acts.give_details(number, by=by, now=after(1), details={"shoe_size": "44"})
    with pytest.raises(acts.Refused, match="5,000"):
        acts.give_details(number, by=by, now=after(1), details={"urgency": "x" * 5001})
    acts.give_details(number, by=by, now=after(1), details={"urgency": "By Friday, please"})
    assert d.row(number).missing == []
    assert d.kinds(number)[-2:] == ["RequesterWrote", "DetailsGiven"]


@pytest.mark.sop("2.1")
@pytest.mark.parametrize(
    ("key", "text", "found"),
    [
        ("application", "what happens in my password", False),
        ("application", "The app closes.", True),
        ("device", "my upcoming laptops", False),
        ("device", "my PC, again", True),
        ("urgency", "I can’t work", True),
        ("urgency", "I\n  cannot \t work at all", True),
        ("user_details", "the name is odd", False),
        ("user_details", "Kind regards, Rui", True),
        ("location", "by Wi-Fi", True),
    ],
)
def test_a_detail_is_found_by_whole_words(key: str, text: str, found: bool) -> None:
    assert acknowledge.says(document.standard().details[key], text, named=False) is found


@pytest.mark.sop("2.2")
def test_on_the_phone_an_agent_records_it_by_hand(desk: Desk) -> None:
    from forthwith.steps.request import Request

    request = Request(
        channel="phone",
        received_at=d.MONDAY,
        author=desk.rui.pk,
        address=desk.rui.email,
        subject="On the phone",
        text=d.COMPLETE,
        new_text=d.COMPLETE,
    )
    number = workflow.on_request(request, now=d.MONDAY)
    assert d.posted("acknowledgement") == []
    acts.acknowledge_by_hand(number, by=Actor.of(desk.ana), now=after(minutes=1))
    assert d.verdicts(number, after(1))["2.2"] == "met"


@pytest.mark.sop("2.2")
def test_a_persons_answer_is_an_acknowledgement_too(desk: Desk) -> None:
    number = d.new_ticket()
    desk.reply(number, after(minutes=1))
    assert d.verdicts(number, after(1))["2.2"] == "met"
