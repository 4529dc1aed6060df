"""How a mail is read from a connection, and how much of the receiver one sender may take."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from forthwith.channels.email import session
from forthwith.channels.email.limits import Limits, Shares


def test_the_rate_begins_anew_each_minute_and_this_machine_has_none() -> None:
    now = [30.0]
    shares = Shares(Limits(mails_a_minute=1), lambda: now[0])
    assert shares.enter("far", "192.0.2.1")
    assert shares.enter("near", "")
    assert [shares.may_begin("far"), shares.may_begin("far")] == [True, False]
    assert all(shares.may_begin("near") for _ in range(5))
    now[0] = 60.0
    assert shares.may_begin("far")


@given(
    lines=st.lists(st.sampled_from([b"", b".", b"..", b"x", b"x.", b".x", b"\n.\n", b"\r", b"x\r"]), max_size=12),
    cut=st.integers(1, 7),
)
def test_dots_are_taken_off_and_the_end_is_found_however_the_mail_comes_in_pieces(lines: list[bytes], cut: int) -> None:
    body = b"".join(line + b"\r\n" for line in lines)
    sent = b"".join((b"." if line.startswith(b".") else b"") + line + b"\r\n" for line in lines) + b".\r\n"
    reading = session._Reading(10_000, Shares(Limits(), lambda: 0.0))
    at = 0
    while not reading.ended:
        # As the stream hands it over: nothing goes beyond a dot before a line end.
        stop = min(sent.index(b".\r\n", at) + 3 if b".\r\n" in sent[at:] else len(sent), at + cut + 2)
        reading.feed(sent[at:stop])
        at = stop
    assert at == len(sent)
    assert reading.spool.held() == body
