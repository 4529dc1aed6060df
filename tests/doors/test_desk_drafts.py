"""What is begun is lost by nothing, and a reply can be taken back before it leaves (SOP 4.3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from forthwith.people.models import Person
from forthwith.people.permits import Actor
from forthwith.procedure import document
from forthwith.procedure import facts as f
from forthwith.procedure.case import fold
from forthwith.procedure.clocks import clocks
from forthwith.record import door, procedures, unsent
from forthwith.record.begun import Held, Unsent
from forthwith.steps import acts, writing
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, as_person


@pytest.fixture
def number(desk: Desk) -> int:
    return d.new_ticket(timezone.now() - timedelta(hours=1))


@pytest.fixture
def holding(desk: Desk) -> int:
    """A ticket under the procedure in which replies wait for ten seconds."""
    d.install(document.standard_text(), timezone.now() - timedelta(days=1))
    return d.new_ticket(timezone.now() - timedelta(minutes=5))


def keep(person: Person, number: int, text: str, version: int = 0, kind: str = "reply") -> dict[str, Any]:
    answer = as_person(person).post(f"/tickets/{number}/draft/", {"kind": kind, "text": text, "version": version})
    assert answer.status_code == 200, answer.content
    return answer.json()  # type: ignore[no-any-return]


def page(person: Person, number: int) -> str:
    return as_person(person).get(f"/tickets/{number}/").content.decode()


def write(person: Person, number: int, **data: Any) -> Any:
    return as_person(person).post(f"/tickets/{number}/write/", {"mode": "reply", **data})


def current(person: Person, number: int) -> dict[str, str]:
    return {kind: one.text for kind, one in unsent.on(person.pk, number).now.items()}


@pytest.mark.sop("4.3")
def test_what_is_typed_is_there_on_another_device_and_only_for_its_author(desk: Desk, number: int) -> None:
    assert keep(desk.ana, number, "We <look> into it.") == {"version": 1, "taken": True, "aside": False}
    keep(desk.ana, number, "Careful.", kind="note")
    keep(desk.ana, number, "I call.", kind="next")
    shown = page(desk.ana, number)
    assert "We &lt;look&gt; into it.</textarea>" in shown
    assert "Careful.</textarea>" in shown
    assert 'value="I call."' in shown
    assert "We &lt;look&gt;" not in page(desk.ben, number)
    assert not d.facts(number, f.Replied, f.Noted)


@pytest.mark.sop("4.3")
def test_what_a_reply_is_also_to_do_goes_with_its_words(desk: Desk, holding: int) -> None:
    by, now = Actor.of(desk.ana), timezone.now()
    held = writing.send(holding, writing.Reply(text="Plain.", next_step="Noon."), by=by, now=now)
    also = {"macro": "vpn_reconnect", "category": "network.vpn"}
    unsent.set_also(desk.ana.pk, holding, also, now)
    keep(desk.ana, holding, "Reconnect.", version=unsent.on(desk.ana.pk, holding).now["reply"].version)
    assert held
    assert writing.take_back(holding, held.pk, by=by, now=now)
    assert unsent.on(desk.ana.pk, holding).also == {}, "not what another text is to do"
    (other,) = unsent.on(desk.ana.pk, holding).others
    unsent.move(desk.ana.pk, other.pk, holding, now)
    assert (current(desk.ana, holding)["reply"], unsent.on(desk.ana.pk, holding).also) == ("Reconnect.", also)
    keep(desk.ana, holding, "Typed elsewhere.")
    assert unsent.on(desk.ana.pk, holding).also == {}


def test_two_devices_lose_nothing_of_each_other(desk: Desk, number: int) -> None:
    first = keep(desk.ana, number, "Typed at home.")["version"]
    assert keep(desk.ana, number, "Typed at the desk.", version=0)["aside"]
    shown = page(desk.ana, number)
    assert "Typed at the desk.</textarea>" in shown
    assert "Typed at home." in shown
    (other,) = unsent.on(desk.ana.pk, number).others
    as_person(desk.ana).post(f"/tickets/{number}/draft/{other.pk}/use/")
    assert current(desk.ana, number)["reply"] == "Typed at home."
    assert [one.text for one in unsent.on(desk.ana.pk, number).others] == ["Typed at the desk."]
    (other,) = unsent.on(desk.ana.pk, number).others
    as_person(desk.ben).post(f"/tickets/{number}/draft/{other.pk}/discard/")
    assert Unsent.objects.filter(pk=other.pk).exists(), "another's text"
    as_person(desk.ana).post(f"/tickets/{number}/draft/{other.pk}/discard/")
    assert not Unsent.objects.filter(pk=other.pk).exists()
    assert first == 1


def test_the_same_text_saved_twice_is_one(desk: Desk, number: int) -> None:
    keep(desk.ana, number, "Once.")
    assert keep(desk.ana, number, "Once.", version=0) == {"version": 1, "taken": True, "aside": False}
    assert Unsent.objects.count() == 1


@pytest.mark.parametrize("mode", ["reply", "note"])
def test_what_was_sent_is_cleared_with_it_and_a_late_save_does_not_bring_it_back(
    desk: Desk, number: int, mode: str
) -> None:
    version = keep(desk.ana, number, "Done so.", kind=mode)["version"]
    assert write(desk.ana, number, mode=mode, text="Done so.", next_step="Noon.").status_code == 302
    assert current(desk.ana, number)[mode] == ""
    assert keep(desk.ana, number, "Done", version=version, kind=mode)["taken"] is False
    assert current(desk.ana, number)[mode] == ""


def test_a_reply_that_is_refused_leaves_its_draft(desk: Desk, number: int) -> None:
    keep(desk.ana, number, "No next step.")
    assert write(desk.ana, number, text="No next step.").status_code == 422
    assert current(desk.ana, number)["reply"] == "No next step."


def test_drafts_of_a_merged_ticket_are_offered_on_the_one_that_goes_on(desk: Desk, number: int) -> None:
    keep(desk.ana, number, "For the first.")
    into = d.new_ticket(timezone.now() - timedelta(minutes=30))
    acts.merge(number, by=Actor.of(desk.ben), now=timezone.now(), into=into)
    shown = page(desk.ana, into)
    assert "For the first." in shown
    (other,) = unsent.on(desk.ana.pk, into, [number]).others
    as_person(desk.ana).post(f"/tickets/{into}/draft/{other.pk}/use/")
    assert current(desk.ana, into)["reply"] == "For the first."


def test_the_rail_counts_what_is_half_written_and_a_page_lists_it(desk: Desk, number: int) -> None:
    assert "Your drafts" not in as_person(desk.ana).get("/").content.decode()
    keep(desk.ana, number, "Half of a")
    keep(desk.ana, number, "and a step", kind="next")
    assert 'Your drafts</span><span class="count">1<' in as_person(desk.ana).get("/").content.decode()
    listed = as_person(desk.ana).get("/drafts/").content.decode()
    assert "Half of a" in listed
    assert f"/tickets/{number}/" in listed
    assert "Nothing is half written" in as_person(desk.ben).get("/drafts/").content.decode()


def test_drafts_are_kept_for_thirty_days(desk: Desk, number: int) -> None:
    keep(desk.ana, number, "Old.")
    assert unsent.sweep(timezone.now() + timedelta(days=29)) == 0
    assert unsent.sweep(timezone.now() + timedelta(days=31)) == 1


@pytest.mark.parametrize("data", [{"kind": "poem"}, {"version": "x"}, {"version": "9" * 40}, {"version": "-1"}])
def test_nonsense_is_not_kept(desk: Desk, number: int, data: dict[str, str]) -> None:
    sent = {"kind": "reply", "text": "x", "version": "0", **data}
    assert as_person(desk.ana).post(f"/tickets/{number}/draft/", sent).status_code == 400


ADDRESSES = ("draft/", "draft/files/", "draft/1/use/", "draft/1/discard/", "held/1/take-back/")


@pytest.mark.parametrize("address", ADDRESSES)
def test_only_who_works_on_tickets_writes(desk: Desk, number: int, address: str) -> None:
    at = f"/tickets/{number}/{address}"
    assert as_person(desk.olga).post(at, {"kind": "reply", "text": "x"}).status_code == 403
    assert as_person(desk.rui).post(at, {"kind": "reply", "text": "x"}).status_code in (302, 403)
    assert as_person(desk.ana).get(at).status_code == 405
    assert as_person(desk.ana).post(f"/tickets/9999/{address}").status_code == 404
    assert not Unsent.objects.exists()


@pytest.mark.sop("4.3")
def test_a_reply_waits_for_its_hold_and_until_then_nothing_has_happened(desk: Desk, holding: int) -> None:
    before = door.facts_of(holding)
    keep(desk.ana, holding, "We look.")
    answer = as_person(desk.ana).post(
        f"/tickets/{holding}/write/",
        {"mode": "reply", "text": "We look.", "next_step": "Noon.", "then": "wait"},
        follow=True,
    )
    assert "Sending in 10 s." in answer.content.decode()
    assert door.facts_of(holding) == before
    assert not d.posted("reply")
    assert current(desk.ana, holding)["reply"] == ""
    held = Held.objects.get()
    assert not writing.send_due(held.leaves_at - timedelta(seconds=1))
    assert writing.send_due(held.leaves_at)
    assert not writing.send_due(held.leaves_at)
    (replied,) = d.facts(holding, f.Replied)
    assert replied.at == held.leaves_at
    assert len(d.posted("reply")) == 1
    assert d.row(holding).status == "waiting_on_requester"


@pytest.mark.sop("4.3")
def test_the_first_response_is_not_met_before_the_reply_leaves(desk: Desk, holding: int) -> None:
    write(desk.ana, holding, text="We look.", next_step="Noon.")
    procedure = procedures.load(d.row(holding).revision_id)

    def ended() -> Any:
        return next(c.ended_at for c in clocks(fold(door.facts_of(holding)), procedure) if c.name == "first_response")

    assert ended() is None
    late = timezone.now() + timedelta(hours=2)
    writing.send_due(late)
    assert ended() == late, "a worker that was away for two hours is no excuse"


def test_undo_puts_the_words_and_the_files_back(desk: Desk, holding: int) -> None:
    before = door.facts_of(holding)
    file = SimpleUploadedFile("log.txt", b"lines")
    write(desk.ana, holding, text="Too early.", next_step="Noon.", attached=[file])
    held = Held.objects.get()
    at = f"/tickets/{holding}/held/{held.pk}/take-back/"
    as_person(desk.ben).post(at)
    assert Held.objects.exists(), "another's reply"
    assert f'action="{at}"' in page(desk.ana, holding)
    assert "Too early." not in page(desk.ben, holding)
    as_person(desk.ana).post(at)
    assert not Held.objects.exists()
    assert current(desk.ana, holding) == {"reply": "Too early.", "next": "Noon."}
    assert [one["name"] for one in unsent.files_of(desk.ana.pk, holding)] == ["log.txt"]
    assert not writing.send_due(timezone.now() + timedelta(minutes=1))
    assert door.facts_of(holding) == before
    answer = as_person(desk.ana).post(at, follow=True)
    assert "It has left already" in answer.content.decode()


def test_what_would_be_refused_is_refused_before_the_hold(desk: Desk, holding: int) -> None:
    assert write(desk.ana, holding, text="No step.").status_code == 422
    assert not Held.objects.exists()
    assert not d.facts(holding, f.Replied)


@pytest.mark.sop("4.3")
def test_a_reply_whose_ticket_somebody_else_answered_meanwhile_returns_to_its_author(desk: Desk, holding: int) -> None:
    write(desk.ana, holding, text="Ana says so.", next_step="Noon.")
    acts.reply(holding, by=Actor.of(desk.ben), now=timezone.now(), text="Ben was quicker.", next_step="Soon.")
    assert writing.send_due(timezone.now() + timedelta(seconds=11))
    assert len(d.facts(holding, f.Replied)) == 1
    assert current(desk.ana, holding)["reply"] == "Ana says so."
    assert "Not sent: Ben has replied since you looked." in page(desk.ana, holding)
    assert [notice.why for notice in d.told(desk.ana, "failed")] == ["Ben has replied since you looked."]
    d.mail_news(timezone.now() + timedelta(seconds=11))
    told = [mail.address for mail in d.posted("staff_returned")]
    assert told == [desk.ana.email], "at once, in her shift or out of it"


def test_a_requester_who_writes_meanwhile_stops_no_reply(desk: Desk, holding: int) -> None:
    write(desk.ana, holding, text="We look.", next_step="Noon.")
    acts.requester_writes(holding, by=Actor.requester(desk.rui.pk), now=timezone.now(), text="And the other one too.")
    writing.send_due(timezone.now() + timedelta(seconds=11))
    assert len(d.facts(holding, f.Replied)) == 1


def test_a_reply_that_crashes_returns_and_stops_no_other(
    desk: Desk, holding: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(desk.ana, holding, text="Crashes.", next_step="Noon.")
    monkeypatch.setattr(acts, "reply", lambda *_, **__: 1 / 0)
    assert writing.send_due(timezone.now() + timedelta(seconds=11))
    assert current(desk.ana, holding)["reply"] == "Crashes."
    assert not Held.objects.exists()


def test_files_wait_with_the_draft_and_go_with_the_reply(desk: Desk, number: int) -> None:
    client, at = as_person(desk.ana), f"/tickets/{number}/draft/files/"
    for name, content in (("a.txt", b"one"), ("b.txt", b"two"), ("a.txt", b"one")):
        client.post(at, {"attached": SimpleUploadedFile(name, content)})
    kept = unsent.files_of(desk.ana.pk, number)
    assert [one["name"] for one in kept] == ["a.txt", "b.txt"]
    shown = client.post(at, {"remove": kept[1]["digest"]}, headers={"HX-Request": "true"}).content.decode()
    assert "a.txt" in shown
    assert "b.txt" not in shown
    assert (
        write(desk.ana, number, text="Without a step.", attached=[SimpleUploadedFile("c.txt", b"three")]).status_code
        == 422
    )
    assert [one["name"] for one in unsent.files_of(desk.ana.pk, number)] == ["a.txt", "c.txt"]
    write(desk.ana, number, text="Here.", next_step="Noon.")
    (mail,) = d.posted("reply")
    assert mail.message is not None
    assert [file.name for file in mail.message.attachments.order_by("pk")] == ["a.txt", "c.txt"]
    assert unsent.files_of(desk.ana.pk, number) == []


def test_files_that_no_mail_carries_are_refused_at_once(
    desk: Desk, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("forthwith.steps.respond.LARGEST_FILES", 10)
    shown = as_person(desk.ana).post(
        f"/tickets/{number}/draft/files/",
        {"attached": SimpleUploadedFile("a.txt", b"x" * 11)},
        headers={"HX-Request": "true"},
    )
    assert "Send several replies" in shown.content.decode()
    assert unsent.files_of(desk.ana.pk, number) == []


@pytest.mark.sop("4.3")
def test_send_and_wait_for_a_third_party_until_a_date(desk: Desk, number: int) -> None:
    until = (timezone.now() + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    assert (
        write(desk.ana, number, text="We asked the maker.", next_step="Then.", then="hold", until=until).status_code
        == 302
    )
    (hold,) = d.facts(number, f.PutOnHold)
    assert hold.until is not None
    assert write(desk.ana, number, text="x", next_step="y", until="2020-01-01T10:00").status_code == 422, (
        "it has passed"
    )


@pytest.mark.sop("6.1")
def test_send_as_the_solution_asks_for_what_a_resolution_needs(desk: Desk, number: int) -> None:
    keep(desk.ana, number, "We changed the drum.")
    answer = write(desk.ana, number, text="We changed the drum.", then="resolve")
    assert answer.status_code == 200
    assert "Resolve and ask to confirm" in answer.content.decode()
    assert not d.facts(number, f.Replied)
    said = {"cause": "Worn.", "solution": "We changed the drum.", "category": "hardware.printer"}
    as_person(desk.ana).post(f"/tickets/{number}/do/resolve/", {**said, "knowledge": "not needed"})
    assert d.row(number).status == "resolved"
    assert current(desk.ana, number)["reply"] == ""


def test_the_ticket_page_reads_little(desk: Desk, number: int, django_assert_max_num_queries: Any) -> None:
    client = as_person(desk.ana)
    keep(desk.ana, number, "Begun.")
    client.get(f"/tickets/{number}/")
    with django_assert_max_num_queries(15):
        client.get(f"/tickets/{number}/")


@pytest.mark.sop("4.3")
def test_who_is_in_copy_can_be_changed_and_gets_the_answers(desk: Desk, number: int) -> None:
    client = as_person(desk.ana)

    def do(key: str, address: str) -> int:
        return client.post(f"/tickets/{number}/do/{key}/", {"address": address}).status_code

    assert do("add-in-copy", "Boss@customer.example") == 302
    assert do("add-in-copy", "boss@customer.example") == 422, "twice"
    assert do("add-in-copy", desk.rui.email) == 422, "the requester"
    assert do("add-in-copy", "no address") == 422
    write(desk.ana, number, text="First.", next_step="Noon.")
    assert [mail.address for mail in d.posted("reply_to_others")] == ["boss@customer.example"]
    assert do("take-off", "boss@customer.example") == 302
    assert do("take-off", "boss@customer.example") == 422
    write(desk.ana, number, text="Second.")
    assert len(d.posted("reply_to_others")) == 1
    assert do("add-in-copy", "boss@customer.example") == 302
    assert d.facts(number, f.ParticipantRemoved)[0].by == desk.ana.pk
