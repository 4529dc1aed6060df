"""The requester is written to in their language: heard in their mail, or chosen; on record (SOP 2.2, 5.2, 7.1)."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from forthwith.people.models import Person
from forthwith.people.permits import Actor
from forthwith.procedure import document
from forthwith.procedure import facts as f
from forthwith.record import links
from forthwith.record.models import Message
from forthwith.steps import acts
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, after

GERMAN = (
    "Hallo, der Drucker im Büro im zweiten Stock druckt seit heute Morgen nur noch leere Seiten. "
    "Es ist dringend, bitte helfen Sie uns.\n\nRui Silva"
)
SHORT = "Drucker kaputt."


def german(text: str = GERMAN, **headers: str) -> int:
    return d.new_ticket(text=text, subject="Drucker druckt leere Seiten", **headers)


def rui() -> Person:
    return Person.objects.get(email="rui@customer.example")


@pytest.mark.sop("2.2", "4.3", "5.2", "7.1")
def test_a_ticket_that_came_in_german_is_answered_in_german_to_its_end(desk: Desk) -> None:
    number = german()
    d.deliver_all(after(minutes=1))
    d.mail_news(after(minutes=6))
    desk.reply(number, after(1), "Wir sehen es uns an.", next_step="Ana kommt um zwölf vorbei.")
    acts.escalate_by_hand(number, by=Actor.of(desk.ana), now=after(1.5), kind="functional", why="x")
    desk.resolve(number, after(2), solution="Die Trommel ist getauscht.")
    d.alarms(after(days=9))
    letters = {row.purpose: row for row in d.posted() if not row.purpose.startswith("staff_")}
    assert list(letters) == ["acknowledgement", "reply", "escalation_notice", "confirmation", "closed"]
    assert {row.language for row in letters.values()} == {"de"}
    said = {purpose: row.text for purpose, row in letters.items()}
    assert (
        "Jemand von Support liest sie und schreibt Ihnen bis heute, Montag, 2. März, 14:00 Uhr (UTC)."
        in (said["acknowledgement"])
    )
    assert "Nächster Schritt: Ana kommt um zwölf vorbei." in said["reply"]
    assert "Sie hören wieder von uns: bis morgen, Dienstag, 3. März, " in said["escalation_notice"]
    assert "Ja, es ist gelöst:\n" in said["confirmation"]
    assert "Der Grund: wir haben nichts von Ihnen gehört." in said["closed"]
    for text in said.values():
        bare = re.sub(r"http\S+", "", text)
        assert not re.search(r"\b(Hello|your|request|solved|Monday|March|by)\b", bare), text
    staff = [row for row in d.posted() if row.purpose.startswith("staff_")]
    assert staff
    assert {row.language for row in staff} == {"en"}
    assert d.facts(number, f.Closed)[0].why == "nothing was heard from the requester"


@pytest.mark.sop("7.1")
def test_the_reason_of_who_closes_it_is_told_as_it_was_written(desk: Desk) -> None:
    number = german()
    desk.resolve(number, after(1))
    acts.end(number, by=Actor.of(desk.ana), now=after(2), why="es ist erledigt")
    assert "Der Grund: es ist erledigt." in d.posted("closed")[0].text


@pytest.mark.sop("2.1", "2.2")
def test_what_is_missing_is_asked_in_their_language(desk: Desk) -> None:
    number = german("Der Drucker ist kaputt und ich kann nicht drucken.")
    assert "urgency" in d.row(number).missing
    text = d.posted("acknowledgement")[0].text
    assert "Wie sehr behindert es Ihre Arbeit, und bis wann brauchen Sie es?" in text
    assert "How does it hold up" not in text
    acts.give_details(number, by=Actor.requester(desk.rui.pk), now=after(1), details={"urgency": "Bis morgen."})
    assert Message.objects.filter(ticket=number).latest("pk").text == "Wie eilig es ist:\nBis morgen."


@pytest.mark.sop("6.1")
def test_what_was_heard_is_on_record_and_holds_for_the_next_ticket(desk: Desk) -> None:
    number = german()
    [heard] = d.facts(number, f.LanguageChosen)
    assert (heard.language, heard.by, heard.why) == ("de", None, "known by the words of what they wrote")
    assert (rui().language, rui().language_chosen) == ("de", False)
    second = d.new_ticket(after(9))
    assert d.facts(second, f.LanguageChosen) == [], "known already"
    assert d.posted("acknowledgement")[-1].language == "de"


@pytest.mark.parametrize(
    ("text", "headers", "language"),
    [
        (SHORT, {}, ""),
        (SHORT, {"content_language": "de-DE"}, "de"),
        (SHORT, {"accept_language": "fr-CH, de;q=0.8, en;q=0.9"}, ""),
        (SHORT, {"accept_language": "fr-CH, de;q=0.9, en;q=0.8"}, "de"),
        (SHORT, {"accept_language": "de;q=0, *"}, ""),
        (SHORT, {"content_language": "fr", "accept_language": "de-AT"}, "de"),
        (SHORT, {"content_language": "x" * 5000 + ",de"}, ""),
        (GERMAN, {"content_language": "en-US"}, "de"),
        (d.COMPLETE, {"content_language": "de-DE"}, ""),
        (GERMAN, {"auto_submitted": "auto-generated"}, ""),
    ],
)
def test_the_words_tell_more_than_the_head_and_the_head_more_than_nothing(
    desk: Desk, text: str, headers: dict[str, str], language: str
) -> None:
    # In front of the mail: the library takes fields that begin with `Content-` for those of the body.
    head = "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in headers.items())
    number = d.arrive(head.encode() + d.mail(text, subject="Drucker druckt leere Seiten")).ticket
    assert number is not None
    assert rui().language == language
    assert [fact.language for fact in d.facts(number, f.LanguageChosen)] == ([language] if language else [])


def test_an_answer_is_listened_to_as_well(desk: Desk) -> None:
    number = d.new_ticket(text=SHORT, subject="VPN")
    d.arrive(d.mail(GERMAN, subject=f"Re: VPN [#{number}]"), after(1))
    assert rui().language == "de"
    d.arrive(d.mail(GERMAN, sender="eva@customer.example", subject=f"Re: VPN [#{number}]"), after(2))
    assert len(d.facts(number, f.LanguageChosen)) == 1


def test_the_head_of_an_agents_mail_says_nothing_of_the_user_they_forward_for(desk: Desk) -> None:
    text = "---------- Forwarded message ---------\nFrom: Eva <eva@customer.example>\nSubject: VPN\n\nVPN kaputt.\n"
    forward = d.mail(text, sender="Ana <ana@desk.example>", subject="Fwd: VPN", accept_language="de")
    number = d.arrive(forward).ticket
    assert number is not None
    assert d.row(number).requester.email == "eva@customer.example"
    assert d.row(number).requester.language == ""


@pytest.mark.sop("6.1")
@pytest.mark.parametrize("by", ["rui", "ana"])
def test_a_choice_is_on_record_and_is_not_undone_by_a_mail(desk: Desk, by: str) -> None:
    number = german()
    actor = Actor.requester(desk.rui.pk) if by == "rui" else Actor.of(desk.ana)
    acts.choose_language(number, by=actor, now=after(1), key="en")
    chosen = d.facts(number, f.LanguageChosen)[-1]
    assert (chosen.language, chosen.by, chosen.why) == ("en", getattr(desk, by).pk, "chosen")
    assert (rui().language, rui().language_chosen) == ("en", True)
    german(mail_id="another@customer.example")
    assert rui().language == "en"
    desk.reply(number, after(2))
    assert "Reply to this message to answer." in d.posted("reply")[0].text


def test_a_language_that_is_not_there_is_refused_with_those_that_are(desk: Desk) -> None:
    number = d.new_ticket()
    with pytest.raises(acts.Refused, match=r"no words in 'fr'\. Choose one of: English, Deutsch\."):
        acts.choose_language(number, by=Actor.of(desk.ana), now=after(1), key="fr")
    stranger = Actor.requester(Person.objects.create_user("eve@other.example", name="Eve").pk)
    with pytest.raises(acts.NoSuchTicket):
        acts.choose_language(number, by=stranger, now=after(1), key="de")


@pytest.mark.sop("7.1")
def test_a_message_that_german_lacks_goes_out_in_english_and_whole(desk: Desk) -> None:
    text = document.standard_text()
    head, mark, rest = text.partition("\n  de:\n")
    d.install(head + mark + re.sub(r"(?m)^    closed:\n(?:      .*\n|\n)+", "", rest, count=1))
    number = german()
    desk.resolve(number, after(1))
    acts.confirm(number, by=Actor.requester(desk.rui.pk), now=after(2))
    [confirmation], [closed] = d.posted("confirmation"), d.posted("closed")
    assert (confirmation.language, closed.language) == ("de", "en")
    assert "Reason: the requester confirmed that it is solved." in closed.text
    assert "Monday 16 March, 12:00 (UTC)" in closed.text
    assert not re.search(r"Uhr|März|Sie\b", closed.text)


@pytest.mark.sop("2.2")
def test_a_second_request_is_named_in_an_acknowledgement_of_the_same_language_only(desk: Desk) -> None:
    german()
    second = d.new_ticket(after(seconds=20), GERMAN, subject="Noch etwas")
    [letter] = d.posted("acknowledgement")
    assert f"Auch Ihre Anfrage „Noch etwas“ ist bei uns angekommen. Sie hat die Nummer #{second}." in letter.text
    text = document.standard_text()
    head, mark, rest = text.partition("\n  de:\n")
    d.install(head + mark + re.sub(r"(?m)^    acknowledgement_also:\n(?:      .*\n|\n)+", "", rest, count=1))
    d.new_ticket(after(seconds=40), GERMAN, subject="Und noch etwas")
    assert [row.language for row in d.posted("acknowledgement")] == ["de", "de"], "one of its own"


@pytest.mark.sop("4.3")
def test_who_is_in_copy_can_leave_and_is_not_brought_back(desk: Desk) -> None:
    number = german(cc="bo@customer.example, eva@customer.example")
    desk.reply(number, after(1))
    copies = d.posted("reply_to_others")
    assert [(row.address, row.language) for row in copies] == [
        ("bo@customer.example", "de"),
        ("eva@customer.example", "de"),
    ]
    assert all(row.stop_link in row.text and row.stop_link.startswith("http") for row in copies)
    read = links.read_stop_token(copies[0].stop_link.rstrip("/").rpartition("/")[2])
    assert read is not None
    assert (read[0], acts.stop_copies(number, mark=read[1], now=after(2))) == (number, True)
    [gone] = d.facts(number, f.ParticipantRemoved)
    assert (gone.address, gone.by) == ("bo@customer.example", None)
    assert not acts.stop_copies(number, mark=read[1], now=after(2)), "twice changes nothing"
    # By the signed reference of our own mail: so the requester could bring in anybody else.
    answer = {"in_reply_to": f"<{d.posted('reply')[0].mail_id}>", "cc": "bo@customer.example, ian@customer.example"}
    d.arrive(d.mail("Noch immer.", subject="Re: Drucker", **answer), after(3))
    desk.reply(number, after(4))
    assert [row.address for row in d.posted("reply_to_others")[2:]] == ["eva@customer.example", "ian@customer.example"]


def test_the_link_of_a_merged_ticket_ends_the_copies_of_the_one_that_goes_on(desk: Desk) -> None:
    kept = german(cc="bo@customer.example")
    merged = d.new_ticket(after(1), GERMAN, subject="Noch einmal", cc="bo@customer.example, eva@customer.example")
    _, mark = links.read_stop_token(links.stop_token(kept, "bo@customer.example")) or (0, "")
    assert acts.stop_copies(kept, mark=mark, now=after(2))
    acts.merge(merged, by=Actor.of(desk.ana), now=after(3), into=kept)
    desk.reply(kept, after(4))
    assert [row.address for row in d.posted("reply_to_others")] == ["eva@customer.example"], "who left stays away"
    _, mark = links.read_stop_token(links.stop_token(merged, "eva@customer.example")) or (0, "")
    assert acts.stop_copies(merged, mark=mark, now=after(5))
    desk.reply(kept, after(6))
    assert len(d.posted("reply_to_others")) == 1


def test_a_ticket_of_its_own_is_announced_in_their_language(desk: Desk) -> None:
    number = german()
    d.arrive(d.mail("Und mein VPN geht auch nicht, seit gestern.", subject=f"Re: [#{number}]"), after(1))
    messages = [Message.objects.filter(ticket=number).latest("pk").pk]
    acts.split(number, by=Actor.of(desk.ana), now=after(2), messages=messages, subject="VPN")
    [notice] = d.posted("split_notice")
    assert notice.language == "de"
    assert f"in Ihrer Anfrage #{number} ging es um zwei Dinge" in notice.text


def test_who_has_left_is_on_the_ticket_no_more(desk: Desk) -> None:
    number = german(cc="bo@customer.example")
    _, mark = links.read_stop_token(links.stop_token(number, "bo@customer.example")) or (0, "")
    assert acts.stop_copies(number, mark=mark, now=after(1))
    later = d.arrive(d.mail("Me again.", sender="bo@customer.example", subject=f"Re: [#{number}]"), after(2))
    assert later.ticket != number


def test_a_password_is_reset_in_the_persons_language(desk: Desk) -> None:
    desk.ana.language = "de"
    desk.ana.save(update_fields=["language"])
    Client().post("/account/password/reset/", {"email": "ana@desk.example"})
    [letter] = d.posted("password_reset")
    assert (letter.language, "neues Passwort angefordert" in letter.text) == ("de", True)
