"""Mail is fetched from a real IMAP server: once each, marked after it is stored, whatever breaks (SOP 1.1, 1.2)."""

from __future__ import annotations

import gc
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from forthwith.channels.email import connect as channel
from forthwith.channels.email import fetch as fetching
from forthwith.channels.email import imap, mailbox_watch
from forthwith.channels.email.imap import Broken, Session
from forthwith.outbox.models import Outgoing
from forthwith.record import mailboxes, sealed
from forthwith.record.mailboxes import Mailbox
from forthwith.record.models import RawItem, Ticket, Watch
from forthwith.worker import mailboxes as worker
from forthwith.worker.mailboxes import Mailboxes
from tests import desk_fixtures as d
from tests.worker.imap_server import Server, Wire, soon

SEEN = (rb"\Seen",)


# IMAPClient leaves the sockets of failed connections to the collector, which is called before the test ends.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    found = Server.given()
    monkeypatch.setenv("SSL_CERT_FILE", found.ca)
    monkeypatch.setattr(worker, "LOOK_S", 0.05)
    monkeypatch.setattr(worker, "FIRST_WAIT", timedelta(milliseconds=50))
    yield found
    gc.collect()


def connect(server: Server, **of: Any) -> Mailbox:
    given: dict[str, Any] = {
        "name": of.get("user", ""),
        "host": server.host,
        "port": server.imaps,
        "secret": sealed.seal(server.password),
        "added_at": timezone.now(),
    }
    return Mailbox.objects.create(**(given | of))


@contextmanager
def working() -> Iterator[Mailboxes]:
    """A worker's mailboxes at work, in threads of their own."""
    stopping = threading.Event()
    keeper = Mailboxes(timezone.now, stopping)

    def look() -> None:
        while not stopping.wait(keeper.turn()):
            pass
        connections.close_all()

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield keeper
    finally:
        stopping.set()
        thread.join(10)
        keeper.join(10)


def begun(box: Mailbox) -> Callable[[], bool]:
    return lambda: Mailbox.objects.filter(pk=box.pk, begun_at__isnull=False).exists()


def understood(count: int) -> Callable[[], bool]:
    return lambda: RawItem.objects.exclude(outcome=RawItem.KEPT).count() >= count


@pytest.mark.sop("1.1", "1.2")
def test_a_mail_that_comes_is_fetched_at_once_and_marked_as_seen(busy_desk: d.Desk, server: Server) -> None:
    user = server.someone()
    server.put(user, d.mail(subject="an old one"))
    box = connect(server, user=user)
    with working():
        soon(begun(box))
        server.put(user, d.mail(subject="a new one"))
        soon(understood(1))
        soon(lambda: server.flags(user) == [(), SEEN])
    assert [ticket.subject for ticket in Ticket.objects.all()] == ["a new one"]
    assert len(d.posted("acknowledgement")) == 1
    box.refresh_from_db()
    assert box.last_error == ""
    assert box.last_mail_at is not None
    assert box.leased_until is None, "a worker that stops gives it back at once"
    assert Watch.objects.filter(channel="email").exists()


class Scripted:
    """A server with one line for each command; its consent to IDLE and its news are one piece."""

    ANSWERS = {
        b"LOGIN": b"",
        b"CAPABILITY": b"* CAPABILITY IMAP4rev1 IDLE\r\n",
        b"SELECT": b"* 0 EXISTS\r\n* OK [UIDVALIDITY 1] x\r\n* OK [UIDNEXT 1] x\r\n",
        b"LOGOUT": b"* BYE\r\n",
    }

    def __init__(self, *, news: bytes) -> None:
        self.news = news
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        here, _ = self._socket.accept()
        with here, here.makefile("rb") as lines:
            here.sendall(b"* OK ready\r\n")
            for line in lines:
                tag, _, rest = line.strip().partition(b" ")
                command = rest.split(b" ")[0].upper()
                if command == b"IDLE":
                    here.sendall(b"+ idling\r\n" + self.news)
                    idle = tag
                elif tag == b"DONE":
                    here.sendall(idle + b" OK done\r\n")
                else:
                    here.sendall(self.ANSWERS[command] + tag + b" OK done\r\n")

    def close(self) -> None:
        self._socket.close()


@pytest.mark.sop("1.1", "1.2")
@pytest.mark.parametrize(("news", "told"), [(b"* 1 EXISTS\r\n", True), (b"", False)])
def test_a_mail_that_comes_as_the_wait_begins_is_not_left_waiting(news: bytes, told: bool) -> None:
    server = Scripted(news=news)
    box = Mailbox(name="a", host="127.0.0.1", port=server.port, security="none", user="u", added_at=d.MONDAY)
    with Session(box, "p", timeout_s=5) as session:
        assert session.idle() is told
        said = session.client.idle_done()[1]
        assert [line[1] for line in said] == ([b"EXISTS"] if told else [])
        # What follows is read as before.
        session.select()
        assert session.uidnext == 1
    server.close()


@pytest.mark.sop("1.2")
def test_connecting_a_full_mailbox_sends_nothing_to_anybody(busy_desk: d.Desk, server: Server) -> None:
    user = server.someone()
    server.put(user, *[d.mail(subject=f"old {number}") for number in range(30)])
    box = connect(server, user=user)
    with working():
        soon(begun(box))
        server.put(user, d.mail(subject="new"))
        soon(understood(1))
    assert Ticket.objects.count() == 1
    assert RawItem.objects.count() == 1


@pytest.mark.sop("1.2")
@pytest.mark.parametrize("security", ["starttls", "none"])
def test_it_is_fetched_over_other_connections_too(busy_desk: d.Desk, server: Server, security: str) -> None:
    user = server.someone()
    box = connect(server, user=user, port=server.port, security=security)
    with working():
        soon(begun(box))
        server.put(user, d.mail())
        soon(understood(1))
    assert Ticket.objects.count() == 1


@pytest.mark.sop("1.2")
@pytest.mark.parametrize("afterwards", ["move", "delete"])
def test_what_was_fetched_is_moved_or_deleted(busy_desk: d.Desk, server: Server, afterwards: str) -> None:
    user = server.someone()
    box = connect(server, user=user, afterwards=afterwards, move_to="Done")
    with working():
        soon(begun(box))
        server.put(user, d.mail(subject="one"), d.mail(subject="two"))
        soon(understood(2))
        soon(lambda: server.flags(user) == [])
        if afterwards == "move":
            soon(lambda: server.flags(user, "Done") == [SEEN, SEEN])
    assert Ticket.objects.count() == 2


@pytest.mark.sop("1.2")
def test_nothing_is_marked_that_could_not_be_stored(
    busy_desk: d.Desk, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = server.someone()
    box = connect(server, user=user, afterwards="delete")
    keep, tries = fetching.receive.keep, iter([True, True, False])

    def fail(*args: Any, **more: Any) -> Any:
        if next(tries, False):
            assert server.flags(user) == [()]
            raise OSError("the disk is full")
        return keep(*args, **more)

    monkeypatch.setattr(fetching.receive, "keep", fail)
    with working():
        soon(begun(box))
        server.put(user, d.mail())
        soon(understood(1))
        soon(lambda: server.flags(user) == [])
    assert Ticket.objects.count() == 1


@pytest.mark.sop("1.1", "1.2")
def test_it_goes_on_where_it_stopped_after_an_outage(busy_desk: d.Desk, server: Server) -> None:
    user, wire = server.someone(), Wire(server)
    box = connect(server, user=user, host="127.0.0.1", port=wire.port, security="none")
    with working():
        soon(begun(box))
        wire.cut()
        soon(lambda: Mailbox.objects.filter(pk=box.pk, failures__gte=2).exists())
        box.refresh_from_db()
        assert "127.0.0.1" in box.last_error
        server.put(user, d.mail(subject="while it was away"))
        wire.mend()
        soon(understood(1))
        soon(lambda: Mailbox.objects.filter(pk=box.pk, last_error="", failures=0).exists())
    wire.close()
    assert Ticket.objects.count() == 1


@pytest.mark.sop("1.1")
def test_a_broken_mailbox_does_not_keep_another_from_being_fetched(busy_desk: d.Desk, server: Server) -> None:
    user, other = server.someone(), server.someone()
    broken = connect(server, user=other, secret=sealed.seal("wrong"))
    box = connect(server, user=user)
    with working():
        soon(begun(box))
        server.put(user, d.mail())
        soon(understood(1))
        soon(lambda: Mailbox.objects.filter(pk=broken.pk, failures=1).exists())
    broken.refresh_from_db()
    assert "refused the sign-in" in broken.last_error
    assert "wrong" not in broken.last_error
    assert broken.next_try_at is not None
    assert broken.next_try_at > timezone.now() + timedelta(minutes=3), "too many would lock the account"


class Silent:
    """A server that takes a connection and says nothing, ever."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]

    def close(self) -> None:
        self._socket.close()


@pytest.mark.sop("1.1")
def test_broken_mailboxes_of_every_kind_delay_nobody(
    busy_desk: d.Desk, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent, user = Silent(), server.someone()
    monkeypatch.setattr(imap, "TIMEOUT_S", 6.0)
    monkeypatch.setattr(Session.__init__, "__kwdefaults__", {"timeout_s": 6.0})
    connect(server, user="silent", host="127.0.0.1", port=silent.port, security="none")
    connect(server, user="nowhere", host="no-such-host.invalid")
    connect(server, user="unreadable", secret="what is sealed is not this")
    connect(server, user="no-grant", method="xoauth2", provider="google", secret=sealed.seal("{}"))
    connect(server, user=server.someone(), name="no folder", folder="Nowhere")
    box = connect(server, user=user)
    with working():
        soon(begun(box))
        assert not Mailbox.objects.filter(name="silent", failures__gt=0).exists(), "that one still hangs"
        server.put(user, d.mail())
        soon(understood(1))
        soon(lambda: Mailbox.objects.filter(failures__gt=0).count() == 5)
    silent.close()
    said = dict(Mailbox.objects.values_list("name", "last_error"))
    assert "did not answer within 6 seconds" in said["silent"]
    assert "no host of that name" in said["nowhere"]
    assert "cannot be read" in said["unreadable"]
    assert "cannot be read" in said["no-grant"]
    assert "Nowhere" in said["no folder"]
    assert said[user] == ""


@pytest.mark.sop("1.1", "1.2")
def test_after_hours_it_goes_on_by_itself(busy_desk: d.Desk, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    user, wire = server.someone(), Wire(server)
    box = connect(server, user=user, host="127.0.0.1", port=wire.port, security="none")
    with working():
        soon(begun(box))
    wire.cut()
    clock = {"now": timezone.now()}
    monkeypatch.setattr(worker, "FIRST_WAIT", timedelta(seconds=5))
    morning = clock["now"] + timedelta(hours=7)
    # A night without the server, a try after each wait: no try is ever more than the longest wait away.
    while clock["now"] < morning:
        held = mailboxes.claim(box.pk, clock["now"])
        if held is None:
            clock["now"] = Mailbox.objects.get(pk=box.pk).next_try_at or clock["now"]
            continue
        worker.fetch(held, clock=lambda: clock["now"], stopping=threading.Event())
    box.refresh_from_db()
    assert box.failures > 20
    assert box.failing_since is not None
    assert box.next_try_at is not None
    assert clock["now"] - box.failing_since > timedelta(hours=6)
    assert box.next_try_at - clock["now"] <= worker.LONGEST_WAIT
    assert [gap.end for gap in mailbox_watch.check(clock["now"])] == [None]
    server.put(user, d.mail(subject="of the night"))
    wire.mend()
    # What the clock of the test has put off to the morning is due now.
    Mailbox.objects.update(next_try_at=None)
    with working():
        soon(understood(1))
    wire.close()
    box.refresh_from_db()
    assert (box.failures, box.failing_since, box.next_try_at, box.last_error) == (0, None, None, "")
    assert not mailbox_watch.CoverageGap.objects.filter(end__isnull=True).exists()


@pytest.mark.sop("1.1")
def test_a_new_password_is_taken_up_by_who_fetches(busy_desk: d.Desk, server: Server) -> None:
    user = server.someone()
    box = connect(server, user=user, secret=sealed.seal("wrong"))
    with working():
        soon(lambda: Mailbox.objects.filter(pk=box.pk, failures=1).exists())
        assert channel.again(box, timezone.now(), password=server.password) == 1
        soon(begun(box))
        server.put(user, d.mail())
        soon(understood(1))
    box.refresh_from_db()
    assert (box.last_error, box.failing_since) == ("", None)


def test_who_fetches_with_an_old_secret_cannot_write_it_back(desk: d.Desk) -> None:
    box = Mailbox.objects.create(name="a", host="h", port=1, user="u", added_at=d.MONDAY, secret="old")
    held = mailboxes.claim(box.pk, d.MONDAY)
    assert held is not None
    mailboxes.sign_in_again(box, "new", None)
    with pytest.raises(mailboxes.LostLease):
        mailboxes.write(held, d.MONDAY, secret="old, renewed")
    mailboxes.release(held, secret="old, renewed")
    assert Mailbox.objects.get().secret == "new"


@pytest.mark.sop("1.1")
def test_how_old_mail_was_when_it_came_in_is_kept(busy_desk: d.Desk, server: Server) -> None:
    user = server.someone()
    box = connect(server, user=user)
    with working():
        soon(begun(box))
        server.put(user, d.mail(subject="late"), at=timezone.now() - timedelta(minutes=40))
        soon(lambda: Mailbox.objects.filter(pk=box.pk, last_lag_s__isnull=False).exists())
        box.refresh_from_db()
        assert box.last_lag_s is not None
        assert 2400 <= box.last_lag_s < 2460


@pytest.mark.sop("1.2")
def test_a_folder_that_is_renumbered_while_it_is_watched(busy_desk: d.Desk, server: Server) -> None:
    user, wire = server.someone(), Wire(server)
    server.put(user)
    with server.as_user(user) as client:
        client.create_folder("Support")
    box = connect(server, user=user, folder="Support", host="127.0.0.1", port=wire.port, security="none")
    with working():
        soon(begun(box))
        server.put(user, d.mail(subject="first"), folder="Support")
        soon(understood(1))
        before = Mailbox.objects.get(pk=box.pk).uidvalidity
        wire.cut()
        with server.as_user(user) as client:
            client.delete_folder("Support")
            client.create_folder("Support")
        server.put(user, d.mail(subject="second", sender="two@customer.example"), folder="Support")
        wire.mend()
        soon(understood(2))
        soon(lambda: Mailbox.objects.exclude(uidvalidity=before).exists())
    wire.close()
    assert [ticket.subject for ticket in Ticket.objects.order_by("pk")] == ["first", "second"]


@pytest.mark.sop("1.2")
def test_a_renumbered_folder_is_read_again_and_nothing_doubled(busy_desk: d.Desk, server: Server) -> None:
    user, first, second = (
        server.someone(),
        d.mail(subject="first"),
        d.mail(subject="second", sender="two@customer.example"),
    )
    old = d.mail(subject="old", date="Mon, 02 Mar 2020 10:00:00 +0000")
    server.put(user)
    with server.as_user(user) as client:
        client.create_folder("Support")
    server.put(user, old, folder="Support")
    box = connect(server, user=user, folder="Support")
    with working():
        soon(begun(box))
        server.put(user, first, folder="Support")
        soon(understood(1))
    with server.as_user(user) as client:
        client.delete_folder("Support")
        client.create_folder("Support")
    # Restored without their times of arrival, so that the old one looks new.
    server.put(user, old, first, second, folder="Support")
    with working():
        soon(understood(3))
    told = [ticket.subject for ticket in Ticket.objects.order_by("pk")]
    assert told == ["first", "old", "second"]
    assert [row.ticket.subject for row in Outgoing.objects.filter(purpose="acknowledgement").order_by("pk")] == [
        "first",
        "second",
    ]


@pytest.mark.sop("2.2")
def test_old_mail_is_imported_silently(busy_desk: d.Desk, server: Server) -> None:
    user, now = server.someone(), timezone.now()
    server.put(user, d.mail(subject="too old"), at=now - timedelta(days=40))
    server.put(
        user, *[d.mail(subject=f"{n}", sender=f"p{n}@customer.example") for n in range(25)], at=now - timedelta(days=3)
    )
    box = connect(server, user=user, import_since=now - timedelta(days=7))
    with working():
        soon(lambda: Mailbox.objects.filter(pk=box.pk, import_ended_at__isnull=False).exists())
        box.refresh_from_db()
        assert (box.import_done, box.import_total) == (25, 25)
        assert Ticket.objects.count() == 25
        assert Outgoing.objects.count() == 0
        assert d.alarms(timezone.now() + timedelta(days=3)) == 0
        server.put(user, d.mail(subject="new"))
        soon(understood(26))
    assert [row.ticket.subject for row in d.posted("acknowledgement")] == ["new"]


@pytest.mark.sop("1.2")
def test_an_import_can_be_stopped(busy_desk: d.Desk, server: Server) -> None:
    user, now = server.someone(), timezone.now()
    server.put(user, *[d.mail() for _ in range(25)])
    box = connect(server, user=user, import_since=now - timedelta(days=7))
    assert mailboxes.stop_import(box.pk, now)
    with working():
        soon(begun(box))
        server.put(user, d.mail(subject="new"))
        soon(understood(1))
    assert Ticket.objects.count() == 1


@pytest.mark.sop("1.2")
def test_a_mail_that_is_too_large_is_accounted_for_and_left(
    busy_desk: d.Desk, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "LARGEST_MAIL", 20_000)
    user = server.someone()
    box = connect(server, user=user, afterwards="delete")
    with working():
        soon(begun(box))
        server.put(user, d.mail(text="word " * 8000, subject="huge"), d.mail(subject="small"))
        soon(understood(2))
        soon(lambda: len(server.flags(user)) == 1)
    large = RawItem.objects.get(outcome=RawItem.UNPROCESSED)
    assert "more than the 20000" in large.reason
    assert b"Subject: huge" in bytes(large.body)
    assert len(large.body) < 2000


@pytest.mark.sop("1.2")
def test_two_workers_fetch_each_mail_once(busy_desk: d.Desk, server: Server) -> None:
    user = server.someone()
    box = connect(server, user=user)
    with working(), working():
        soon(begun(box))
        server.put(user, *[d.mail(subject=f"{n}") for n in range(10)])
        soon(understood(10))
    assert Ticket.objects.count() == 10
    assert not RawItem.objects.filter(repeats__gt=0).exists()


def test_a_mailbox_is_one_workers_until_its_lease_has_run_out(desk: d.Desk) -> None:
    now = d.MONDAY
    box = Mailbox.objects.create(name="a", host="h", port=1, user="u", added_at=now)
    held = mailboxes.claim(box.pk, now)
    assert held is not None
    assert mailboxes.claim(box.pk, now) is None
    later = now + mailboxes.LEASE
    other = mailboxes.claim(box.pk, later)
    assert other is not None
    with pytest.raises(mailboxes.LostLease):
        mailboxes.write(held, later, last_uid=7)
    mailboxes.release(held)
    mailboxes.write(other, later, last_uid=8)


def test_a_paused_mailbox_is_let_go(desk: d.Desk) -> None:
    box = Mailbox.objects.create(name="a", host="h", port=1, user="u", added_at=d.MONDAY)
    held = mailboxes.claim(box.pk, d.MONDAY)
    assert held is not None
    Mailbox.objects.update(paused=True)
    with pytest.raises(mailboxes.LostLease):
        mailboxes.write(held, d.MONDAY)
    assert mailboxes.claimable(d.MONDAY + timedelta(days=1)) == []


def test_a_certificate_that_nobody_vouches_for_is_refused(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    box = Mailbox(name="a", host=server.host, port=server.imaps, user="rui", added_at=datetime.now(UTC))
    with pytest.raises(Broken, match="certificate"):
        Session(box, server.password)


def test_what_is_sealed_is_not_in_the_database_in_clear(settings: Any) -> None:
    stored = sealed.seal("s3cret")
    assert "s3cret" not in stored
    assert sealed.unseal(stored) == "s3cret"
    settings.SECRET_KEY = "another"
    with pytest.raises(sealed.WrongKey):
        sealed.unseal(stored)


@pytest.mark.sop("1.1")
def test_a_mailbox_that_is_not_reached_for_too_long_is_told_of_once(desk: d.Desk) -> None:
    box = Mailbox.objects.create(
        name="Invoices", host="h", port=1, user="u", added_at=d.MONDAY, last_contact=d.MONDAY, last_error="It is gone."
    )
    assert mailbox_watch.check(d.after(minutes=9)) == []
    (gap,) = mailbox_watch.check(d.after(minutes=10))
    assert gap.start == d.MONDAY
    assert mailbox_watch.check(d.after(minutes=11)) == []
    (letter,) = d.posted("staff_coverage")
    assert letter.address == desk.lea.email
    assert "The mailbox Invoices" in letter.text
    assert "It is gone." in letter.text
    mailbox_watch.heard(box, d.after(minutes=20))
    gap.refresh_from_db()
    assert gap.end == d.after(minutes=20)


@pytest.mark.sop("1.1")
def test_a_paused_mailbox_raises_no_alarm(desk: d.Desk) -> None:
    Mailbox.objects.create(name="a", host="h", port=1, user="u", added_at=d.MONDAY, paused=True)
    assert mailbox_watch.check(d.after(days=1)) == []
