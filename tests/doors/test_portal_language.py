"""The requester's pages in their language, and leaving as one in copy (SOP 2.1, 5.2, 7.1)."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import cache
from html import unescape
from html.parser import HTMLParser

import polib
import pytest
from django.test import Client
from django.utils import timezone, translation

from forthwith.people.models import Person
from forthwith.people.permits import Actor
from forthwith.portal import limits
from forthwith.procedure import facts as f
from forthwith.record import links
from forthwith.record.messages import File
from forthwith.steps import acts
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk
from tools import translations

BOOK = polib.pofile(str(translations.LOCALE / "de" / "LC_MESSAGES" / "django.po"))


@pytest.fixture
def german(desk: Desk) -> Desk:
    desk.rui.language, desk.rui.language_chosen = "de", True
    desk.rui.save(update_fields=["language", "language_chosen"])
    return desk


def link(desk: Desk, number: int) -> str:
    return f"/t/{links.token(number, desk.rui.pk)}/"


def page(url: str, client: Client | None = None, status: int = 200, **headers: str) -> str:
    answer = (client or Client()).get(url, headers=headers)
    assert answer.status_code == status
    return answer.content.decode()


class Said(HTMLParser):
    """What a page says to people: its words, and those in labels and names."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.aside = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.aside = tag in ("script", "style")
        self.words += [value or "" for name, value in attrs if name in ("aria-label", "title", "placeholder", "alt")]

    def handle_data(self, data: str) -> None:
        if not self.aside and data.strip():
            self.words.append(" ".join(data.split()))


@cache
def english() -> list[tuple[str, str, re.Pattern[str]]]:
    """The texts of the catalogue that German says otherwise: each with its longest part that is always there."""
    found = []
    for entry in BOOK:
        fixed = re.split(r"%\(\w+\)[sd]", entry.msgid)
        if entry.msgid == entry.msgstr or not re.search(r"[^\W\d_]", "".join(fixed)):
            continue
        pattern = r"\S+".join(map(re.escape, fixed))
        whole = rf"(?m)^{pattern}$" if len("".join(fixed)) < 12 else pattern
        found.append((entry.msgid, max(fixed, key=len), re.compile(whole)))
    return found


def english_in(html: str) -> set[str]:
    """The texts of the catalogue that stand on a page as they are in the sources."""
    said = "\n".join(Said(html).words)
    return {text for text, part, pattern in english() if part in said and pattern.search(said)}


def states(desk: Desk) -> list[str]:
    """An address for every page that looks different."""
    now = timezone.now()
    early, names = now - timedelta(hours=3), ("new", "waiting", "held", "late", "resolved", "closed", "rated")
    made = {name: d.new_ticket(early, subject=f"Sache {name} hier") for name in names}
    made["incomplete"] = d.new_ticket(now, "Kaputt.", subject="Hilfe")
    made["long closed"] = d.new_ticket(now - timedelta(days=60), subject="Sache alt")
    ana = Actor.of(desk.ana)
    virus = File("a.exe", "application/x-msdownload", b"MZ\x90")
    desk.reply(made["waiting"], early, "Welcher Drucker ist es?", then="wait", files=[virus])
    acts.hold(made["held"], by=ana, now=early, why="x", until=now + timedelta(days=2))
    acts.escalate_by_hand(made["late"], by=ana, now=early, kind="hierarchical", why="x")
    for name in ("resolved", "closed", "rated"):
        desk.resolve(made[name], early)
    desk.resolve(made["long closed"], now - timedelta(days=59))
    acts.confirm(made["long closed"], by=Actor.requester(desk.rui.pk), now=now - timedelta(days=59))
    for name in ("closed", "rated"):
        acts.confirm(made[name], by=Actor.requester(desk.rui.pk), now=early)
    made |= {name: d.new_ticket(early, subject=f"Sache {name} hier") for name in ("merged", "joined", "kept")}
    theirs = d.new_ticket(early, sender="eva@customer.example", subject="Anderes")
    acts.merge(made["merged"], by=ana, now=now, into=theirs)
    acts.merge(made["joined"], by=ana, now=now, into=made["kept"])
    acts.rate(made["rated"], by=Actor.requester(desk.rui.pk), now=early, score=5)
    url = {name: link(desk, number) for name, number in made.items()}
    paths = ("", "solved/", "not-yet/", "rate/", "details/", "language/", "?done=answer", "?done=new", "?done=solved")
    # The page of one that was merged into another of theirs leads there.
    del url["joined"]
    return [f"{one}{path}" for one in url.values() for path in paths]


@pytest.mark.sop("2.1", "5.2", "7.1")
def test_every_page_of_a_german_requester_is_german_and_nothing_else(german: Desk) -> None:
    for url in states(german):
        html = page(url)
        assert '<html lang="de">' in html
        assert english_in(html) == set(), url
    client = d.as_person(german.rui)
    for url in ("/my/", "/my/?before=3", "/my/?before=1"):
        assert english_in(page(url, client)) == set(), url
    assert "Ihre Anfragen" in page("/my/", client)
    assert english_in("<h1>Your requests</h1>") == {"Your requests"}, "it would be found"


@pytest.mark.sop("7.1")
def test_what_is_refused_is_said_in_german_too(german: Desk) -> None:
    number = d.new_ticket(timezone.now())
    incomplete = d.new_ticket(timezone.now(), "Kaputt.", subject="Hilfe")
    url, other = link(german, number), link(german, incomplete)
    refused = [(url, {"text": " "}), (f"{url}solved/", {}), (f"{url}rate/", {"score": "5"}), (f"{url}rate/", {}),
               (f"{url}rate/", {"score": "99"}), (f"{other}details/", {}), (url, {"text": "x" * 20_001}),
               (f"{url}language/", {"language": "fr"})]  # fmt: skip
    for address, data in refused:
        answer = Client().post(address, data)
        assert 400 < answer.status_code < 430, (address, data)
        assert english_in(answer.content.decode()) == set(), (address, data)
    assert "Schreiben Sie zuerst etwas." in Client().post(url, {"text": ""}).content.decode()
    for count in range(limits.PER_LINK):
        Client().post(url, {"text": f"Nachricht {count}"})
    flood = Client().post(url, {"text": "Noch eine"})
    assert (flood.status_code, "Das war viel in kurzer Zeit." in flood.content.decode()) == (429, True)


def test_times_and_questions_are_german(german: Desk) -> None:
    number = d.new_ticket(timezone.now() - timedelta(days=40), "Kaputt.", subject="Hilfe")
    html = unescape(page(f"{link(german, number)}details/"))
    assert "Wie sehr behindert es Ihre Arbeit" in html
    months = "Jan|Feb|Mär|Apr|Mai|Jun|Jul|Aug|Sep|Okt|Nov|Dez"
    assert re.search(rf">(?:(?:Mo|Di|Mi|Do|Fr|Sa|So) )?\d+\. (?:{months})", page(link(german, number)))


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("fr,de;q=0.5", "de"),
        ("en,de", "en"),
        ("fr", "en"),
        ("", "en"),
        ("de;q=0", "en"),
        ("x" * 9000, "en"),
    ],
)
def test_a_first_visit_is_in_what_the_browser_asks_for(desk: Desk, accepted: str, language: str) -> None:
    number = d.new_ticket(timezone.now())
    for url in (link(desk, number), "/t/nonsense/"):
        answer = Client().get(url, headers={"Accept-Language": accepted})
        assert f'<html lang="{language}">' in answer.content.decode()
        assert answer["Content-Language"] == language
    assert Person.objects.get(pk=desk.rui.pk).language == "", "a visit chooses nothing"
    assert translation.get_language() == "en", "nothing stays behind"


def test_what_a_person_chose_goes_before_what_the_browser_asks_for(german: Desk) -> None:
    number = d.new_ticket(timezone.now())
    assert '<html lang="de">' in page(link(german, number), **{"Accept-Language": "en"})


@pytest.mark.sop("6.1")
def test_the_requester_chooses_below_their_page(desk: Desk) -> None:
    number = d.new_ticket(timezone.now())
    client = Client(enforce_csrf_checks=True)
    html = page(link(desk, number), client)
    assert '<button class="button plain" type="submit" name="language" value="de" lang="de">Deutsch</button>' in html
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', html)
    assert token
    assert client.post(f"{link(desk, number)}language/", {"language": "de"}).status_code == 403
    said = {"language": "de", "csrfmiddlewaretoken": token[1]}
    answer = client.post(f"{link(desk, number)}language/", said, follow=True)
    assert "Von jetzt an schreiben wir Ihnen in dieser Sprache." in answer.content.decode()
    [chosen] = d.facts(number, f.LanguageChosen)
    assert (chosen.language, chosen.by) == ("de", desk.rui.pk)
    assert ">English</button>" in answer.content.decode()


@pytest.mark.sop("6.1")
def test_an_agent_sees_and_sets_it_on_the_ticket(desk: Desk) -> None:
    number = d.new_ticket(timezone.now())
    client = d.as_person(desk.ana)
    assert "the desk's own, as no other is known" in unescape(page(f"/tickets/{number}/", client))
    assert "Deutsch</option>" in page(f"/tickets/{number}/do/language/", client)
    assert client.post(f"/tickets/{number}/do/language/", {"key": "de"}).status_code == 302
    html = page(f"/tickets/{number}/", client)
    assert "chosen by you" in html
    assert "chose Deutsch for mails to the requester" in html
    assert '<html lang="en">' in html
    other = d.new_ticket(timezone.now(), subject="Other")
    assert "chosen on another ticket" in page(f"/tickets/{other}/", client)
    assert client.post(f"/tickets/{number}/do/language/", {"key": "fr"}).status_code == 422


def copied(number: int, address: str = "bo@customer.example") -> str:
    return f"/c/{links.stop_token(number, address)}/"


@pytest.mark.sop("4.3")
def test_one_press_in_the_mail_program_takes_who_is_in_copy_off(desk: Desk) -> None:
    number = d.new_ticket(timezone.now(), cc="bo@customer.example")
    before = d.kinds(number)
    for _ in range(2):
        assert f"You are in copy on request {number}." in page(copied(number))
        assert Client().head(copied(number)).status_code == 200
    assert d.kinds(number) == before, "a scanner that opens the link changes nothing"
    # As RFC 8058 3.2 sends it: no cookie, no page before it.
    answer = Client(enforce_csrf_checks=True).post(copied(number), {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert "You get no more copies" in answer.content.decode()
    assert d.kinds(number) == [*before, "ParticipantRemoved"]
    assert Client().post(copied(number)).status_code == 200
    assert d.kinds(number) == [*before, "ParticipantRemoved"]
    desk.reply(number, timezone.now())
    assert d.posted("reply_to_others") == []


def test_the_page_of_who_is_in_copy_is_in_their_browsers_language(desk: Desk) -> None:
    number = d.new_ticket(timezone.now(), cc="bo@customer.example")
    html = page(copied(number), **{"Accept-Language": "de"})
    assert "Schicken Sie mir keine Kopien mehr" in html
    assert english_in(html) == set()
    done = Client().post(copied(number), headers={"Accept-Language": "de"}).content.decode()
    assert english_in(done) == set()


def test_a_link_ends_copies_to_its_own_address_on_its_own_ticket_only(desk: Desk) -> None:
    number = d.new_ticket(timezone.now(), cc="bo@customer.example, eva@customer.example")
    token = links.stop_token(number, "bo@customer.example")
    forged = [token[:-1], token.replace(f"{number}-", f"{number + 1}-"), "nonsense", links.token(number, desk.rui.pk)]
    for wrong in (*forged, links.stop_token(number + 99, "bo@customer.example")):
        assert Client().post(f"/c/{wrong}/").status_code == 404, wrong
    assert Client().post(copied(number, "mallory@evil.example")).status_code == 200
    assert d.facts(number, f.ParticipantRemoved) == []
    Client().post(f"/c/{token}/")
    assert [fact.address for fact in d.facts(number, f.ParticipantRemoved)] == ["bo@customer.example"]
    assert page(f"/t/{token}/", status=404), "it opens no ticket"
    assert "customer.example" not in token


def test_a_flood_of_leaving_is_stopped(desk: Desk) -> None:
    number = d.new_ticket(timezone.now(), cc="bo@customer.example")
    answers = [Client().post(copied(number)).status_code for _ in range(limits.PER_LINK + 1)]
    assert (answers[0], answers[-1]) == (200, 429)
