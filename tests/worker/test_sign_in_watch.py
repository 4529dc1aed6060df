"""Somebody is told before a mailbox's sign-in ends, once for each warning, by a letter (SOP 1.1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from forthwith.channels.email import oauth, sign_in_watch
from forthwith.channels.email.imap import Broken
from forthwith.record.mailboxes import Mailbox
from forthwith.worker import mailboxes as worker
from tests import desk_fixtures as d
from tests.worker.test_oauth import GRANT, leased
from tests.worker.token_server import Tokens

LETTER = sign_in_watch.LETTER
ENDS = d.after(days=30)
OVER = {"error": "invalid_grant", "error_description": "AADSTS700082: The refresh token has expired."}


@pytest.fixture
def tokens(monkeypatch: pytest.MonkeyPatch) -> Iterator[Tokens]:
    found = Tokens()
    monkeypatch.setitem(oauth.PROVIDERS, "microsoft", found.instead_of("microsoft"))
    yield found
    found.close()


def box_of(**of: Any) -> Mailbox:
    given: dict[str, Any] = {"name": "Help", "host": "h", "port": 1, "user": "u", "added_at": d.MONDAY}
    return Mailbox.objects.create(**(given | {"method": "xoauth2", "provider": "microsoft"} | of))


def told(*, days: float) -> int:
    """How many mailboxes somebody is told of so many days before the end."""
    return len(sign_in_watch.check(ENDS - timedelta(days=days)))


@pytest.mark.sop("1.1")
def test_leaders_and_administrators_are_told_once_for_each_warning(desk: d.Desk) -> None:
    box = box_of(sign_in_ends_at=ENDS)
    assert [told(days=days) for days in (15, 14.001, 14, 13, 3.001)] == [0, 0, 1, 0, 0]
    letters = d.posted(LETTER)
    assert {letter.address for letter in letters} == {desk.lea.email, desk.adam.email}
    assert all(letter.alarm for letter in letters), "it goes by the alarms' own road"
    assert "Sign in again for the mailbox Help: its mail stops Wednesday 1 April" in letters[0].subject
    assert f"/mailboxes/{box.pk}/sign-in/" in letters[0].text
    assert [told(days=days) for days in (3, 2, 1, 0, -1)] == [1, 0, 0, 0, 0]
    assert len(d.posted(LETTER)) == 4


@pytest.mark.sop("1.1")
def test_the_warnings_are_the_procedure_s(desk: d.Desk) -> None:
    d.install(d.variant(("sign_in_ends: [14 d, 3 d]", "sign_in_ends: [1 d]")))
    box_of(sign_in_ends_at=ENDS)
    assert [told(days=days) for days in (14, 2, 1, 0)] == [0, 0, 1, 0]


@pytest.mark.sop("1.1")
def test_an_end_that_moved_away_is_told_of_anew_when_it_comes_back(desk: d.Desk) -> None:
    box = box_of(sign_in_ends_at=ENDS)
    assert told(days=2) == 1
    Mailbox.objects.filter(pk=box.pk).update(sign_in_ends_at=ENDS + timedelta(days=90))
    assert told(days=2) == 0
    assert [told(days=days) for days in (-90 + 14, -90 + 3)] == [1, 1]
    Mailbox.objects.filter(pk=box.pk).update(sign_in_ends_at=ENDS + timedelta(days=100))
    assert told(days=-90) == 0, "it is further away than what was told of already"


@pytest.mark.sop("1.1")
def test_also_of_a_paused_one_whose_token_nobody_uses(desk: d.Desk) -> None:
    box_of(sign_in_ends_at=ENDS, paused=True)
    assert told(days=1) == 1
    assert "this mailbox is paused" in d.posted(LETTER)[0].text


@pytest.mark.sop("1.1")
def test_a_refused_renewal_is_told_of_while_mail_still_comes(desk: d.Desk, tokens: Tokens) -> None:
    ends = d.after(minutes=15).timestamp()
    box = leased(replace(GRANT, access_token="abc", expires_at=ends), d.MONDAY)
    tokens.answers = [(400, OVER)] * 3
    for minutes in (0, 1, 2):
        assert oauth.secret_of(box, d.after(minutes=minutes)) == "abc"
        sign_in_watch.check(d.after(minutes=minutes))
    letters = d.posted(LETTER)
    assert len(letters) == 2
    assert "AADSTS700082" in letters[0].text
    assert "its mail stops within the hour" in letters[0].subject
    # It was only a bad moment of theirs: all is well, and the next refusal is told of again.
    assert oauth.secret_of(box, d.after(minutes=3)) != ""
    box.refresh_from_db()
    assert box.sign_in_refused == ""
    assert sign_in_watch.check(d.after(minutes=3)) == []
    Mailbox.objects.filter(pk=box.pk).update(sign_in_refused="No.")
    assert len(sign_in_watch.check(d.after(minutes=4))) == 1


def test_a_procedure_without_words_for_it_stops_no_other_alarm(desk: d.Desk, caplog: pytest.LogCaptureFixture) -> None:
    text = d.variant()
    begin, end = text.index("    staff_sign_in:"), text.index("    password_reset:")
    d.install(text[:begin] + text[end:])
    box_of(sign_in_ends_at=ENDS)
    assert told(days=1) == 1
    assert d.posted(LETTER) == []
    assert "Nobody could be told" in caplog.text


def of_grant(now: datetime, **said: Any) -> datetime | None:
    given = oauth.given(GRANT, {"access_token": "a", **said}, now)
    return oauth.ends_at("microsoft", given, now)


@pytest.mark.sop("1.1")
def test_the_end_is_the_earliest_that_is_known() -> None:
    assert of_grant(d.MONDAY) == d.after(days=90), "the provider forgets what is not used"
    assert of_grant(d.MONDAY, refresh_token_expires_in=7 * 86_400) == d.after(days=7)
    assert of_grant(d.MONDAY, refresh_token_expires_in=200 * 86_400) == d.after(days=90)
    known = replace(GRANT, dies_at=d.after(days=7).timestamp())
    again = oauth.given(known, {"access_token": "b"}, d.after(days=6))
    assert oauth.ends_at("google", again, d.after(days=6)) == d.after(days=7), "it holds until another is told"
    later = oauth.given(known, {"access_token": "b"}, d.after(days=8))
    assert oauth.ends_at("google", later, d.after(days=8)) == d.after(days=188), "it was none"


@pytest.mark.parametrize(
    "said", [{}, {"access_token": "a", "expires_in": "soon"}, {"access_token": "a", "expires_in": ["x"]}]
)
def test_an_answer_without_a_usable_token_is_a_sentence(said: dict[str, Any]) -> None:
    with pytest.raises(oauth.NoToken, match="without a token"):
        oauth.given(GRANT, said, d.MONDAY)


def put_off(box: Mailbox, error: Exception) -> Mailbox:
    worker._put_off(box, error, str(error), d.MONDAY)
    box.refresh_from_db()
    return box


@pytest.mark.sop("1.1")
def test_a_token_that_the_mail_server_refuses_is_renewed_at_the_next_try(desk: d.Desk, tokens: Tokens) -> None:
    good = d.after(1).timestamp()
    box = leased(replace(GRANT, access_token="abc", expires_at=good), d.MONDAY)
    box = put_off(box, Broken("It refused the sign-in.", about="secret"))
    assert box.sign_in_refused == "", "nobody has said yet that it is over"
    Mailbox.objects.update(leased_by="w")
    box.refresh_from_db()
    tokens.answers = [(400, OVER)]
    with pytest.raises(oauth.NoToken) as dead:
        oauth.secret_of(box, d.after(minutes=5))
    assert "AADSTS700082" in put_off(box, dead.value).sign_in_refused
    assert sign_in_watch.check(d.after(minutes=6)) == [box]
    assert "its mail stops now" in d.posted(LETTER)[0].subject


@pytest.mark.sop("1.1")
def test_a_sign_in_server_that_is_away_is_no_refusal(desk: d.Desk) -> None:
    box = put_off(leased(GRANT, d.MONDAY), oauth.NoToken("It cannot be reached."))
    assert box.sign_in_refused == ""
    assert box.next_try_at is not None
    assert box.next_try_at - d.MONDAY < timedelta(minutes=1)
