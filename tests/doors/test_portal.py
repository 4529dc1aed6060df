"""The requester's pages by signed link: whole walks, and what they must never show (SOP 2.1, 5.2, 7.1, 7.2)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from forthwith.people.permits import Actor
from forthwith.people.rates import MOST_KEYS, Limit
from forthwith.portal import limits
from forthwith.procedure import facts as f
from forthwith.record import links
from forthwith.record.messages import File
from forthwith.record.models import Message
from forthwith.steps import acts, workflow
from forthwith.steps.request import Request
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk

SECRET = "The toner was stolen by the night shift"


@pytest.fixture
def browser() -> Client:
    return Client(enforce_csrf_checks=True)


def link(desk: Desk, number: int) -> str:
    return f"/t/{links.token(number, desk.rui.pk)}/"


def text_of(client: Client, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status
    return answer.content.decode()


def send(client: Client, url: str, page: str = "", **data: str) -> str:
    """Opens the page, fills in its form, sends it, and reads the page it leads to."""
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', text_of(client, page or url))
    assert token, "the page has no form"
    answer = client.post(url, {**data, "csrfmiddlewaretoken": token[1]}, follow=True)
    assert answer.status_code == 200, answer.content.decode()
    return answer.content.decode()


def now() -> datetime:
    return timezone.now()


@pytest.mark.sop("6.1")
def test_an_answer_reaches_the_agent_and_shows_on_the_page(desk: Desk, browser: Client) -> None:
    number = d.new_ticket(now())
    desk.reply(number, now(), "Which printer is it?", then="wait")
    assert "We are waiting for you" in text_of(browser, link(desk, number))
    page = send(browser, link(desk, number), text="The big one on floor two.\n<b>Thanks</b>")
    assert "Your message has reached us." in page
    assert "&lt;b&gt;Thanks&lt;/b&gt;" in page
    assert "We are working on it" in page
    assert d.row(number).status == "open"
    assert d.kinds(number)[-1] == "RequesterWrote"
    assert Message.objects.filter(ticket=number, incoming=True).latest("pk").author_id == desk.rui.pk


@pytest.mark.sop("7.1", "7.2")
def test_solved_closes_and_asks_for_one_rating(desk: Desk, browser: Client) -> None:
    number = d.new_ticket(now())
    desk.resolve(number, now())
    url = link(desk, number)
    page = text_of(browser, url)
    assert "Solved — please confirm" in page
    assert "We replaced the drum." in page
    assert "The drum was worn." not in page
    page = send(browser, f"{url}solved/")
    assert "Your request is closed." in page
    assert d.row(number).status == "closed"
    assert d.facts(number, f.Confirmed)[0].how == "by the requester"
    page = send(browser, f"{url}rate/", score="4", comment="Quick.")
    assert "Thank you for your rating." in page
    assert [(fact.score, fact.comment) for fact in d.facts(number, f.Rated)] == [(4, "Quick.")]
    assert "we have your rating already: 4" in text_of(browser, f"{url}rate/")
    again = Client().post(f"{url}rate/", {"score": "5"})
    assert again.status_code == 422
    assert "we have your rating already" in again.content.decode()
    assert len(d.facts(number, f.Rated)) == 1


@pytest.mark.sop("7.1")
def test_the_button_on_the_ticket_itself_confirms(desk: Desk, browser: Client) -> None:
    number = d.new_ticket(now())
    desk.resolve(number, now())
    send(browser, f"{link(desk, number)}solved/", page=link(desk, number))
    assert d.row(number).status == "closed"


@pytest.mark.sop("7.1")
@pytest.mark.parametrize("text", ["It still prints blank pages.", ""])
def test_not_yet_reopens(desk: Desk, browser: Client, text: str) -> None:
    number = d.new_ticket(now())
    desk.resolve(number, now())
    page = send(browser, f"{link(desk, number)}not-yet/", text=text)
    assert "We are working on it again." in page
    assert d.row(number).status == "open"
    assert (text or "It is not solved yet.") in page


@pytest.mark.sop("7.2")
def test_an_answer_after_the_window_opens_a_linked_request(desk: Desk, browser: Client) -> None:
    long_ago = now() - timedelta(days=60)
    number = d.new_ticket(long_ago)
    desk.resolve(number, long_ago)
    acts.confirm(number, by=Actor.requester(desk.rui.pk), now=long_ago)
    assert "starts a new request" in text_of(browser, link(desk, number))
    page = send(browser, link(desk, number), text="It is back.")
    new = d.row(number).followed_by.get()
    assert f"Request {new.pk}" in page
    assert "this is a new one" in page
    assert link(desk, new.pk) in text_of(browser, link(desk, number))
    assert d.row(number).status == "closed"


@pytest.mark.sop("2.1")
def test_missing_details_are_asked_in_the_procedures_words_and_taken(desk: Desk, browser: Client) -> None:
    number = d.new_ticket(now(), "It is broken.", subject="Help")
    missing = d.row(number).missing
    assert missing
    url = link(desk, number)
    assert "questions" in text_of(browser, url) or "one question" in text_of(browser, url)
    page = text_of(browser, f"{url}details/")
    assert "What happens, what did you expect, and since when?" in page
    page = send(browser, f"{url}details/", **{key: f"My answer about {key}" for key in missing})
    assert "That helps us" in page
    assert d.row(number).missing == []
    assert "My answer about description" in page
    assert "We have everything that we need" in text_of(browser, f"{url}details/")


def test_an_empty_form_is_refused_with_what_to_do(desk: Desk) -> None:
    number = d.new_ticket(now(), "It is broken.", subject="Help")
    url, before = link(desk, number), d.kinds(number)
    for path, sentence in [("", "Write something first."), ("details/", "Answer at least one question.")]:
        answer = Client().post(url + path, {"text": "  "})
        assert answer.status_code == 422
        assert sentence in answer.content.decode()
    assert d.kinds(number) == before


@pytest.mark.sop("7.1")
def test_opening_a_link_changes_nothing(desk: Desk, browser: Client) -> None:
    number = d.new_ticket(now())
    desk.resolve(number, now())
    before = d.kinds(number)
    for path in ["", "solved/", "not-yet/", "rate/", "details/", "?done=solved", "solved/?score=5"]:
        text_of(browser, link(desk, number) + path)
        assert browser.head(link(desk, number) + path).status_code == 200
        assert browser.put(link(desk, number) + path).status_code in (403, 405)
    assert d.kinds(number) == before


def test_what_does_not_fit_now_is_said_kindly(desk: Desk) -> None:
    number = d.new_ticket(now())
    url = link(desk, number)
    assert "We are still working on it" in text_of(Client(), f"{url}solved/")
    assert "You can rate it when it is solved" in text_of(Client(), f"{url}rate/")
    before = d.kinds(number)
    for path, data in [("solved/", {}), ("rate/", {"score": "5"})]:
        answer = Client().post(url + path, data)
        assert answer.status_code == 409
        assert 'role="alert"' in answer.content.decode()
    assert d.kinds(number) == before


def test_what_was_typed_stays_when_it_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    number = d.new_ticket(now())

    def conflicted(*_: object, **__: object) -> int:
        raise acts.Conflict("Somebody else acted on this ticket. Look at it again, then repeat.")

    monkeypatch.setattr(acts, "requester_writes", conflicted)
    answer = Client().post(link(desk, number), {"text": "A long & careful story"})
    assert answer.status_code == 409
    assert "A long &amp; careful story</textarea>" in answer.content.decode()
    assert "Look at it again, then repeat." in answer.content.decode()


def test_a_second_tap_sends_nothing_twice(desk: Desk) -> None:
    number = d.new_ticket(now())
    for text in ("Any news?", "Any news? ", "Thank you!"):
        assert Client().post(link(desk, number), {"text": text}).status_code == 302
    assert d.kinds(number).count("RequesterWrote") == 2


def test_a_second_tap_on_not_yet_sends_nothing_twice(desk: Desk) -> None:
    number = d.new_ticket(now())
    desk.resolve(number, now())
    for _ in range(2):
        assert Client().post(f"{link(desk, number)}not-yet/", {"text": "Still blank."}).status_code == 302
    assert d.kinds(number).count("RequesterWrote") == 1


def test_the_same_words_after_another_answer_are_no_second_tap(desk: Desk) -> None:
    number = d.new_ticket(now())
    Client().post(link(desk, number), {"text": "Still blank."})
    desk.resolve(number, now())
    Client().post(f"{link(desk, number)}not-yet/", {"text": "Still blank."})
    assert d.row(number).status == "open"


@pytest.mark.sop("7.2")
@pytest.mark.parametrize(("path", "text"), [("", "It is back."), ("not-yet/", "It is back."), ("not-yet/", "")])
def test_a_second_tap_opens_no_second_request(desk: Desk, path: str, text: str) -> None:
    long_ago = now() - timedelta(days=60)
    number = d.new_ticket(long_ago)
    desk.resolve(number, long_ago)
    acts.confirm(number, by=Actor.requester(desk.rui.pk), now=long_ago)
    first, second = (Client().post(link(desk, number) + path, {"text": text}) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert d.row(number).followed_by.count() == 1


@pytest.mark.sop("2.1")
def test_a_detail_that_is_too_long_is_refused_and_not_cut_short(desk: Desk) -> None:
    number = d.new_ticket(now(), "It is broken.", subject="Help")
    key = d.row(number).missing[0]
    answer = Client().post(f"{link(desk, number)}details/", {key: "x" * 5_001})
    assert answer.status_code == 422
    assert "That is too long" in answer.content.decode()
    assert Client().post(f"{link(desk, number)}details/", {key: "y" * 5_000}).status_code == 302
    assert "y" * 5_000 in Message.objects.filter(ticket=number).latest("pk").text


def test_somebody_else_on_the_ticket_is_never_taken_for_the_desk(desk: Desk) -> None:
    number = d.new_ticket(now(), cc="eva@customer.example")
    d.arrive(d.mail("I see it too.", sender="eva@customer.example", subject=f"Re: [#{number}]"), now())
    said = re.findall(
        r"<strong>([^<]+)</strong>(<span class=.quiet.>Support</span>)?", text_of(Client(), link(desk, number))
    )
    assert ("eva@customer.example", "") in said


def test_a_form_without_its_token_is_refused(desk: Desk, browser: Client) -> None:
    number = d.new_ticket(now())
    desk.resolve(number, now())
    for path in ("", "solved/", "not-yet/", "rate/", "details/"):
        assert browser.post(link(desk, number) + path, {"text": "x", "score": "1"}).status_code == 403
    assert d.row(number).status == "resolved"


def test_a_flood_is_stopped_and_loses_no_text(desk: Desk) -> None:
    number = d.new_ticket(now())
    other = d.new_ticket(now(), subject="Another")
    for count in range(limits.PER_LINK):
        assert Client().post(link(desk, number), {"text": f"Message {count}"}).status_code == 302
    answer = Client().post(link(desk, number), {"text": "One more"})
    assert answer.status_code == 429
    assert "One more</textarea>" in answer.content.decode()
    assert Client().post(link(desk, other), {"text": "Hello"}).status_code == 302


def test_a_limit_is_over_after_its_window_and_bounded() -> None:
    limit = Limit(2, window_s=10)
    assert [limit.allows("a", at=at) for at in (0, 1, 2, 9.9, 10, 10.5)] == [True, True, False, False, True, False]
    for key in range(MOST_KEYS + 5):
        limit.allows(str(key), at=20)
    assert len(limit._goes) == MOST_KEYS


def test_a_broken_link_gets_a_kind_sentence(desk: Desk) -> None:
    number = d.new_ticket(now())
    token = links.token(number, desk.rui.pk)
    forged = token.replace(f"{number}-", f"{number + 1}-", 1)
    stranger = links.token(number, d.Person.objects.create_user("x@elsewhere.example").pk)
    for wrong in (token + "x", token[:-1], forged, "nonsense", links.token(number + 99, desk.rui.pk), stranger):
        for path in ("", "solved/", "not-yet/", "rate/", "details/", "files/1/"):
            page = text_of(Client(), f"/t/{wrong}/{path}", 404)
            assert "This link does not work" in page
            assert "blank pages" not in page


def test_who_was_deactivated_no_longer_gets_in(desk: Desk) -> None:
    number = d.new_ticket(now())
    desk.rui.is_active = False
    desk.rui.save(update_fields=["is_active"])
    text_of(Client(), link(desk, number), 404)


def with_file(desk: Desk, kind: str, file: File, number: int) -> int:
    from forthwith.record.messages import Draft, write

    draft = Draft(kind=kind, text="See the file.", written_at=now(), author=desk.ana.pk, files=[file])
    message = write(number, draft)
    return message.attachments.get().pk


@pytest.mark.broken_record
def test_files_of_public_messages_are_downloads_that_never_run(desk: Desk) -> None:
    number, other = d.new_ticket(now()), d.new_ticket(now(), subject="Another")
    page = File('über "plan".html', "text/html", b"<script>alert(1)</script>")
    public = with_file(desk, Message.PUBLIC, page, number)
    image = with_file(desk, Message.PUBLIC, File("a.png", "image/png", b"\x89PNG"), number)
    internal = with_file(desk, Message.INTERNAL, page, number)
    elsewhere = with_file(desk, Message.PUBLIC, page, other)
    answer, shown = (Client().get(f"{link(desk, number)}files/{file}/") for file in (public, image))
    assert b"".join(answer.streaming_content) == page.content
    assert b"".join(shown.streaming_content) == b"\x89PNG"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].startswith("sandbox")
    assert shown["Content-Type"] == "image/png"
    for hidden in (internal, elsewhere, 10**9, 10**30):
        assert Client().get(f"{link(desk, number)}files/{hidden}/").status_code == 404
    assert "plan" in text_of(Client(), link(desk, number))


@pytest.mark.sop("6.1")
def test_nothing_internal_is_on_any_page(desk: Desk, browser: Client) -> None:
    number = d.new_ticket(now())
    ana = Actor.of(desk.ana)
    acts.note(number, by=ana, now=now(), text=SECRET)
    acts.prioritise(number, by=ana, now=now(), impact="several", urgency="stopped", why=SECRET)
    acts.hold(number, by=ana, now=now(), why=SECRET)
    url = link(desk, number)
    paths = ["", "solved/", "not-yet/", "rate/", "details/"]
    pages = [text_of(browser, url + path) for path in paths]
    acts.resume(number, by=ana, now=now(), why=SECRET)
    acts.escalate_by_hand(number, by=ana, now=now(), kind="hierarchical", why=SECRET)
    pages += [text_of(browser, url + path) for path in paths]
    desk.resolve(number, now(), cause=SECRET)
    pages += [text_of(browser, url + path) for path in paths]
    browser.force_login(desk.rui)
    pages += [text_of(browser, "/my/")]
    names = [desk.ben.name, desk.sam.name, "Service desk", "service_desk", "agent", "team leader"]
    for page in pages:
        assert SECRET not in page
        for name in names:
            assert not re.search(rf"\b{name}\b", page, re.IGNORECASE), name


def test_no_page_is_kept_or_tells_its_address(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    number = d.new_ticket(now())
    for url in (link(desk, number), f"{link(desk, number)}solved/", "/t/nonsense/"):
        answer = Client().get(url)
        assert "no-store" in answer["Cache-Control"]
        assert answer["Referrer-Policy"] == "same-origin"
        assert "noindex" in answer["X-Robots-Tag"]
        assert "script-src 'self'" in answer["Content-Security-Policy"]
    Client().post(link(desk, number), {"text": ""})
    Client().get(f"{link(desk, number)}files/9/")
    assert links.token(number, desk.rui.pk) not in caplog.text


def test_a_signed_in_requester_has_a_list_of_their_own(desk: Desk, browser: Client) -> None:
    numbers = [d.new_ticket(now() - timedelta(minutes=5), subject=f"Question {n}") for n in range(33)]
    stranger = d.new_ticket(now(), sender="eva@customer.example", subject="Not yours")
    assert browser.get("/my/").status_code == 302
    browser.force_login(desk.rui)
    page = text_of(browser, "/my/")
    assert "Question 32" in page
    assert "Question 0<" not in page
    older = re.search(r'href="(\?before=\d+)"', page)
    assert older
    rest = text_of(browser, f"/my/{older[1]}")
    shown = re.findall(r"Question \d+", page + rest)
    assert sorted(set(shown)) == sorted(shown)
    assert len(shown) == len(numbers)
    assert "Not yours" not in page + rest
    assert link(desk, numbers[-1]) in page
    assert stranger not in numbers
    assert text_of(browser, "/my/?before=no-number")


def test_the_list_tells_nothing_of_what_happens_inside(desk: Desk, browser: Client) -> None:
    number = d.new_ticket(now() - timedelta(days=3))
    browser.force_login(desk.rui)
    before = re.findall(r"<time[^>]*>", text_of(browser, "/my/"))
    acts.note(number, by=Actor.of(desk.ana), now=now(), text=SECRET)
    assert re.findall(r"<time[^>]*>", text_of(browser, "/my/")) == before


def test_times_in_the_list_are_those_of_the_desk_as_on_the_page(desk: Desk, browser: Client) -> None:
    d.install(d.variant(("timezone: UTC", "timezone: Asia/Kathmandu")))
    number = d.new_ticket(now())
    browser.force_login(desk.rui)
    for url in ("/my/", link(desk, number)):
        page = text_of(browser, url)
        assert "in the time zone Asia/Kathmandu" in page
        assert "+0545" in page


def test_a_request_by_portal_is_answered_there_too(desk: Desk, browser: Client) -> None:
    request = Request(
        channel="portal",
        received_at=now(),
        author=desk.rui.pk,
        address=desk.rui.email,
        subject="A question",
        text="How do I scan?",
        new_text="How do I scan?",
    )
    number = workflow.on_request(request, now=now())
    assert "How do I scan?" in text_of(browser, link(desk, number))
