"""The pages on which an administrator connects mailboxes and keeps them, against a real IMAP server (SOP 1.1, 1.2)."""

from __future__ import annotations

import html
import re
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session as StoredSession
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from forthwith.channels.email import connect, mailbox_watch
from forthwith.channels.email.pages import connecting, forms
from forthwith.record import sealed
from forthwith.record.mailboxes import Mailbox
from forthwith.record.models import CoverageGap
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, as_person
from tests.worker.imap_server import Server

# IMAPClient leaves the sockets of failed connections to the collector.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
PAGES = ["", "connect/", "connect/microsoft/", "connect/google/", "choose/x/", "leave/x/", "oauth/"]
OF_ONE = ["pause/", "resume/", "remove/", "import/", "import/stop/", "sign-in/"]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    found = Server.given()
    monkeypatch.setenv("SSL_CERT_FILE", found.ca)
    monkeypatch.setattr(forms, "ALLOWED_PORTS", (found.imaps, found.port))
    return found


def text_of(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, (answer.status_code, answer.content[:2000])
    return html.unescape(answer.content.decode())


def words_of(answer: Any, status: int = 200) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", text_of(answer, status)).split())


def box_of(name: str = "Help", **of: Any) -> Mailbox:
    given: dict[str, Any] = {"host": "mail.example", "port": 993, "user": name, "added_at": timezone.now()}
    return Mailbox.objects.create(name=name, **(given | {"secret": sealed.seal("x")} | of))


def where(server: Server, user: str, **of: Any) -> dict[str, Any]:
    said: dict[str, Any] = {
        "host": server.host,
        "security": "tls",
        "port": server.imaps,
        "user": user,
        "password": server.password,
    }
    return said | of


# --- Who may come -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["rui", "ana", "sam", "lea", "olga"])
def test_only_administrators_come_here(desk: Desk, who: str) -> None:
    client, box = as_person(getattr(desk, who)), box_of()
    for page in [*PAGES, *(f"{box.pk}/{page}" for page in OF_ONE)]:
        assert client.get(f"/mailboxes/{page}").status_code in (404, 405), page
        assert client.post(f"/mailboxes/{page}").status_code in (404, 405), page
    box.refresh_from_db()
    assert not box.paused


def test_strangers_are_sent_to_sign_in(desk: Desk) -> None:
    for page in PAGES:
        assert Client().get(f"/mailboxes/{page}").headers["Location"].startswith("/account/login/?next="), page


@pytest.mark.parametrize("page", OF_ONE)
def test_a_mailbox_that_is_not_there(desk: Desk, page: str) -> None:
    for number in (7, 10**30):
        client = as_person(desk.adam)
        assert 404 in {
            client.get(f"/mailboxes/{number}/{page}").status_code,
            client.post(f"/mailboxes/{number}/{page}").status_code,
        }


# --- Connecting -------------------------------------------------------------------------------------------


@pytest.mark.sop("1.1")
def test_a_mailbox_is_tried_shown_and_connected(desk: Desk, server: Server) -> None:
    user, admin = server.someone(), as_person(desk.adam)
    server.put(user, d.mail(subject="older"), d.mail(subject="The newest of them"))
    with server.as_user(user) as client:
        client.create_folder("Grüße & more")
    assert "No mailbox is connected" in words_of(admin.get("/mailboxes/"))
    answer = admin.post("/mailboxes/connect/", where(server, user))
    assert answer.status_code == 302, words_of(answer, 422)
    shown = text_of(admin.get(answer.headers["Location"]))
    assert "The newest of them" in shown
    assert re.search(r'value="INBOX" id="folder-\d+" checked', shown)
    assert "Grüße & more" in shown
    assert re.findall(r'class="quiet">(\d+ mails?)<', shown).count("2 mails") == 1
    assert server.flags(user) == [(), ()], "a look marks nothing"
    assert not Mailbox.objects.exists()

    said = {"name": "Support", "folders": ["INBOX", "Grüße & more"], "afterwards": "seen", "old": "leave"}
    assert "is connected" in words_of(admin.post(answer.headers["Location"], said, follow=True))
    first, second = Mailbox.objects.order_by("pk")
    assert (first.name, first.folder, first.import_since) == ("Support: INBOX", "INBOX", None)
    assert (second.folder, sealed.unseal(second.secret)) == ("Grüße & more", server.password)
    # The draft is done: the page cannot be sent twice.
    assert admin.post(answer.headers["Location"], said).headers["Location"] == "/mailboxes/connect/"


def test_the_password_is_in_no_page_and_in_the_session_sealed_only(desk: Desk, server: Server) -> None:
    user, admin = server.someone(), as_person(desk.adam)
    answer = admin.post("/mailboxes/connect/", where(server, user))
    assert server.password not in text_of(admin.get(answer.headers["Location"]))
    for stored in StoredSession.objects.all():
        assert server.password not in str(stored.get_decoded())
    wrong = admin.post("/mailboxes/connect/", where(server, user, password="not-this-one"))
    assert "not-this-one" not in text_of(wrong, 422)


def test_a_draft_is_its_owners_and_ends(desk: Desk, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    admin = as_person(desk.adam)
    place = admin.post("/mailboxes/connect/", where(server, server.someone())).headers["Location"]
    assert as_person(desk.adam).get(place).headers["Location"] == "/mailboxes/connect/"
    assert admin.get(place).status_code == 200
    earlier, place = place, admin.post("/mailboxes/connect/", where(server, server.someone())).headers["Location"]
    assert admin.get(earlier).headers["Location"] == "/mailboxes/connect/", "a page of before is about another mailbox"
    assert admin.get(place).status_code == 200
    later = timezone.now() + timedelta(minutes=31)
    monkeypatch.setattr(connecting.timezone, "now", lambda: later)
    assert admin.get(place).headers["Location"] == "/mailboxes/connect/"


@pytest.mark.sop("2.2")
def test_old_mail_is_imported_only_when_asked_for_with_days(desk: Desk, server: Server) -> None:
    user, admin = server.someone(), as_person(desk.adam)
    place = admin.post("/mailboxes/connect/", where(server, user)).headers["Location"]
    said = {"name": "Support", "folders": ["INBOX"], "afterwards": "move", "move_to": "", "old": "import"}
    page = words_of(admin.post(place, said), 422)
    assert "Say how many days back" in page
    page = words_of(admin.post(place, {**said, "days": "30"}), 422)
    assert "Name the folder that mail is moved to" in page
    page = words_of(admin.post(place, {**said, "days": "30", "move_to": "inbox"}), 422)
    assert "would come again and again" in page
    assert admin.post(place, {**said, "days": "30", "move_to": "Done"}).status_code == 302
    box = Mailbox.objects.get()
    assert box.import_since is not None
    assert box.added_at - box.import_since == timedelta(days=30)
    assert (box.afterwards, box.move_to, box.name) == ("move", "Done", "Support")


def test_what_is_connected_is_not_connected_again(desk: Desk, server: Server) -> None:
    user, admin = server.someone(), as_person(desk.adam)
    said = {"name": "Support", "folders": ["INBOX"], "afterwards": "seen", "old": "leave"}
    for expected in (302, 422):
        place = admin.post("/mailboxes/connect/", where(server, user)).headers["Location"]
        answer = admin.post(place, said)
        assert answer.status_code == expected
    assert "is connected already" in words_of(answer, 422)
    other = admin.post("/mailboxes/connect/", where(server, server.someone())).headers["Location"]
    assert "is called Support already" in words_of(admin.post(other, said), 422)
    assert "Choose one at least" in words_of(admin.post(other, {**said, "folders": []}), 422)


@pytest.mark.parametrize(
    ("wrong", "field", "says"),
    [
        ({"password": "wrong"}, "password", "refused the sign-in"),
        ({"host": "no-such-host.invalid"}, "host", "no host of that name"),
        ({"security": "starttls"}, "host", "did not answer within"),
        ({"host": "localhost/path"}, "host", "no name of a server"),
        ({"port": "22"}, "port", "forthwith mailbox add"),
        ({"user": "a\r\nb LOGOUT"}, "user", "cannot be typed"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    desk: Desk, server: Server, monkeypatch: pytest.MonkeyPatch, wrong: dict[str, str], field: str, says: str
) -> None:
    if says.startswith("did not answer"):
        monkeypatch.setattr(connect, "_ANSWERS_WITHIN_S", 0.4)
    answer = as_person(desk.adam).post("/mailboxes/connect/", where(server, server.someone()) | wrong)
    page = text_of(answer, 422)
    found = re.search(rf'<div id="id_{field}_error">(.*?)</div>', page, re.DOTALL)
    assert found, page
    assert says in found[1]
    assert server.password not in page


def test_a_certificate_that_nobody_vouches_for_is_said_beside_the_encryption(
    desk: Desk, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    for security, port in (("tls", server.imaps), ("starttls", server.port)):
        said = where(server, "somebody", security=security, port=port)
        page = text_of(as_person(desk.adam).post("/mailboxes/connect/", said), 422)
        found = re.search(r'<div id="id_security_error">(.*?)</div>', page, re.DOTALL)
        assert found, page
        assert "certificate is not valid" in found[1]


class Other:
    """A server of another kind: it says something, once or slowly for ever."""

    def __init__(self, says: bytes, *, slowly: bool = False) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.over = threading.Event()
        threading.Thread(target=self._serve, args=(says, slowly), daemon=True).start()

    def _serve(self, says: bytes, slowly: bool) -> None:
        here, _ = self.socket.accept()
        with here:
            if not slowly:
                here.sendall(says)
            while slowly and not self.over.wait(0.05):
                here.sendall(says)

    def close(self) -> None:
        self.over.set()
        self.socket.close()


@pytest.fixture
def other(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    made: list[Other] = []

    def serve(says: bytes, **how: Any) -> dict[str, Any]:
        made.append(Other(says, **how))
        monkeypatch.setattr(forms, "ALLOWED_PORTS", (made[-1].port,))
        # Only in the clear does it get as far as to say something.
        monkeypatch.setattr(forms.PasswordForm, "mailbox", lambda form: clear(form.cleaned_data))
        return {"host": "127.0.0.1", "security": "tls", "port": made[-1].port, "user": "u", "password": "p"}

    def clear(said: dict[str, Any]) -> Mailbox:
        return Mailbox(host=said["host"], port=said["port"], security="none", user=said["user"])

    yield serve
    for one in made:
        one.close()


def test_what_speaks_no_imap_is_not_repeated(desk: Desk, other: Any) -> None:
    page = words_of(as_person(desk.adam).post("/mailboxes/connect/", other(b"SSH-2.0-inside-secret\r\n")), 422)
    assert "is no IMAP server" in page
    assert "inside-secret" not in page


def test_a_server_that_never_ends_holds_nobody(desk: Desk, other: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connect, "_ANSWERS_WITHIN_S", 5)
    monkeypatch.setattr(connect.try_it, "__kwdefaults__", {"within_s": 0.3})
    page = words_of(as_person(desk.adam).post("/mailboxes/connect/", other(b"*", slowly=True)), 422)
    assert "was not through within" in page


def test_tries_are_counted(desk: Desk) -> None:
    admin, said = as_person(desk.adam), {"host": "127.0.0.1", "security": "tls", "user": "u", "password": "p"}
    for _ in range(connecting.MOST_TRIES):
        assert connecting.tries.allows(str(desk.adam.pk), at=0)
    connecting.tries.forget()
    now = connecting.time.monotonic()
    for _ in range(connecting.MOST_TRIES):
        connecting.tries.allows(str(desk.adam.pk), at=now)
    assert "Please wait a while" in words_of(admin.post("/mailboxes/connect/", said), 429)
    box = box_of()
    assert "Please wait a while" in words_of(admin.post(f"/mailboxes/{box.pk}/sign-in/", {"password": "p"}), 429)


# --- Keeping ----------------------------------------------------------------------------------------------


@pytest.mark.sop("1.1")
def test_each_mailbox_says_how_it_stands(desk: Desk) -> None:
    now = timezone.now()
    box_of("Well", last_contact=now, last_mail_at=now, last_lag_s=42, afterwards="delete")
    gone = now - timedelta(hours=3)
    box_of("Broken", last_contact=gone, failing_since=gone, last_error="The mail server says <b>no</b>.")
    box_of("Resting", paused=True, move_to="Done", afterwards="move")
    box_of("Ending", last_contact=now, sign_in_ends_at=now + timedelta(days=2), method="xoauth2", provider="google")
    page = as_person(desk.adam).get("/mailboxes/")
    text = words_of(page)
    assert "42 s: so old was the last mail when it came in" in text
    assert "up to 3 h: nothing was fetched" in text
    assert "<b>no</b>" not in page.content.decode()
    assert "mail waits in the mailbox" in text
    assert "moved to Done" in text
    assert "deleted there" in text
    assert text.count("The desk is let into this mailbox until") == 1


@pytest.mark.sop("1.1")
def test_a_mailbox_is_paused_resumed_and_removed(desk: Desk) -> None:
    box, admin, now = box_of(), as_person(desk.adam), timezone.now()
    Mailbox.objects.update(
        last_contact=now - timedelta(hours=5), leased_by="w", leased_until=now + timedelta(minutes=3)
    )
    CoverageGap.objects.create(channel=mailbox_watch.gap_name(box), start=now)
    assert "is paused" in words_of(admin.post(f"/mailboxes/{box.pk}/pause/", follow=True))
    box.refresh_from_db()
    assert (box.paused, box.leased_until) == (True, None)
    assert not CoverageGap.objects.filter(end__isnull=True).exists(), "it is not watched on purpose"
    assert "is fetched again" in words_of(admin.post(f"/mailboxes/{box.pk}/resume/", follow=True))
    assert mailbox_watch.check(timezone.now()) == [], "its watch begins anew"
    assert len(mailbox_watch.check(timezone.now() + timedelta(minutes=11))) == 1
    assert "Its tickets stay" in words_of(admin.get(f"/mailboxes/{box.pk}/remove/"))
    assert Mailbox.objects.exists()
    assert "is not fetched any more" in words_of(admin.post(f"/mailboxes/{box.pk}/remove/", follow=True))
    assert not Mailbox.objects.exists()
    assert not CoverageGap.objects.filter(end__isnull=True).exists()


def test_an_import_is_shown_and_stopped(desk: Desk) -> None:
    now, admin = timezone.now(), as_person(desk.adam)
    box = box_of(import_since=now - timedelta(days=7), import_total=400, import_done=100)
    page = text_of(admin.get("/mailboxes/"))
    assert '<progress id="bar-' in page
    assert 'max="400" value="100"' in page
    part = text_of(admin.get(f"/mailboxes/{box.pk}/import/"))
    assert 'hx-trigger="every 4s"' in part
    assert "is stopped" in words_of(admin.post(f"/mailboxes/{box.pk}/import/stop/", follow=True))
    part = text_of(admin.get(f"/mailboxes/{box.pk}/import/"))
    assert "stopped after 100 of 400 mails" in part
    assert "hx-trigger" not in part


def test_a_new_password_is_tried_first_and_is_for_the_whole_account(desk: Desk, server: Server) -> None:
    user, admin = server.someone(), as_person(desk.adam)
    server.put(user)
    failed = {"failing_since": timezone.now(), "failures": 9, "next_try_at": timezone.now() + timedelta(minutes=5)}
    of = {"host": server.host, "port": server.imaps, "user": user, **failed}
    box = box_of(**of)
    box_of("Other folder", **of, folder="Sales")
    page = words_of(admin.post(f"/mailboxes/{box.pk}/sign-in/", {"password": "wrong"}), 422)
    assert "refused the sign-in" in page
    assert sealed.unseal(Mailbox.objects.get(pk=box.pk).secret) == "x"
    answer = admin.post(f"/mailboxes/{box.pk}/sign-in/", {"password": server.password}, follow=True)
    assert "Signed in" in words_of(answer)
    for kept in Mailbox.objects.all():
        assert sealed.unseal(kept.secret) == server.password
        assert kept.next_try_at is None, "it is tried at once"


def test_the_list_is_paged_at_one_price(desk: Desk) -> None:
    admin = as_person(desk.adam)
    for number in range(60):
        box_of(f"box {number:02}")
    admin.get("/mailboxes/")
    found, address, prices = [], "/mailboxes/", set()
    for _ in range(4):
        with CaptureQueriesContext(connection) as queries:
            text = text_of(admin.get(address))
        prices.add(len(queries))
        found += re.findall(r'<h2 id="of-\d+">([^<]+)<', text)
        more = re.search(r'href="(\?after=[^"]+)">Next page', text)
        if not more:
            break
        address = f"/mailboxes/{more[1]}"
    assert found == [f"box {number:02}" for number in range(60)]
    assert len(prices) == 1
    assert max(prices) <= 6
    assert admin.get("/mailboxes/?after=%00zzz").status_code == 200


@pytest.mark.sop("1.1")
def test_the_health_page_names_those_that_are_unwell(desk: Desk) -> None:
    now = timezone.now()
    assert "Mailboxes" not in words_of(as_person(desk.lea).get("/health/"))
    box_of("Well", last_contact=now)
    text = words_of(as_person(desk.lea).get("/health/"))
    assert "1 connected" in text
    assert "Each was reached" in text
    box_of("Broken", failing_since=now, last_error="It is gone.")
    box_of("Ending", sign_in_told=1, sign_in_ends_at=now + timedelta(days=3))
    box_of("Refused", sign_in_refused="Google gives no token.")
    box_of("Resting", paused=True, failing_since=now)
    text = words_of(as_person(desk.lea).get("/health/"))
    assert "5 connected, 1 of them paused" in text
    assert "Broken : not reached since" in text
    assert "It is gone." in text
    assert "Ending : its sign-in ends" in text
    assert "Refused : its sign-in was refused. Google gives no token." in text
    assert "Resting :" not in text
