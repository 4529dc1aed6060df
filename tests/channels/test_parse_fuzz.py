"""Whatever a sender does to a mail, the parser answers: with a mail or with NotMail, never with anything else."""

from __future__ import annotations

import base64
import json
import os
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forthwith.channels.email.mail import Mail, NotMail
from forthwith.channels.email.parse import parse
from forthwith.channels.email.printed import as_json
from tests.channels.test_parse_contents import INVITATION, PACKED, SIGNED
from tests.growth import assert_in_proportion

SAMPLE = b"""\
Return-Path: <>
From: =?utf-8?q?J=C3=BCrgen?= <mailer-daemon@example.org>
To: "Desk, the" <desk@example.com>; b@example.org
Subject: Re: Undeliverable: =?iso-8859-1?b?5PY=?=
Date: Mon, 2 Apr 2012 17:44:22 +0400
Message-ID: <1@example.org>
Content-Type: multipart/mixed; boundary="cut"; name*0*=utf-8''a%20; name*1=b

--cut
Content-Type: multipart/alternative; boundary=in

--in
Content-Type: text/plain; charset=iso-8859-1; format=flowed
Content-Transfer-Encoding: quoted-printable

It l=E4uft.=20
again

On 2 Apr 2012, Ann <ann@example.org> wrote:
> Is it on?

Yes.
--in
Content-Type: text/html; charset=utf-8

<div dir="ltr">It <b>runs</b><blockquote type="cite">Is it on?</blockquote><img src="cid:x"></div>
--in--
--cut
Content-Type: message/delivery-status

Final-Recipient: rfc822; ann@example.org
Action: failed
Status: 5.1.1
--cut
Content-Type: message/rfc822

Message-ID: <2@example.com>
Subject: x
--cut
Content-Type: image/png; name="a.png"
Content-Transfer-Encoding: base64
Content-ID: <x>

iVBORw0KGgo=
--cut--
"""

ROOT = Path(__file__).resolve().parents[2]
MAILS = Path(os.environ.get("FORTHWITH_TEST_DATA", ROOT.parent / "shared" / "data")) / "mail"
PIECES = [
    b"\0", b"\r", b"\n", b"\r\n\r\n", b"--cut", b"--cut--", b"\xff\xfe", b"\x1b$B", b"=?", b"?=", b"<", b">", b'"',
    b"(", b";", b"Content-Type: multipart/mixed; boundary=", b"Content-Transfer-Encoding: base64\n",
    b"charset=utf-7", b"&#0;",
    b"&#xD800;", b"<!--", b"<div>" * 50, b"> " * 50, b"=\n", b"=ZZ", b"%ff", b"*0*=", b"name*99999999999=", b"From: ",
    b"begin 644 a\n", b"\xe2\x80\xa8", b"+2AA-", b"Date: 99", b"Status: 9.9.9\n",
]  # fmt: skip


OTHERS = [
    b"From: a@example.org\nContent-Type: application/ms-tnef; name=winmail.dat\n\n" + PACKED,
    b"From: a@example.org\nContent-Type: text/calendar\n\n" + INVITATION.format(method="REQUEST", times="").encode(),
    b"From: a@example.org\n\n" + SIGNED.encode() + b"\nbegin 644 x\n#0V%T\n`\nend\n",
    b'From: no-reply@sns.amazonaws.com\n\n{"notificationType":"Bounce","bounce":{"bouncedRecipients":[{"status":5}]}}',
]


def samples() -> list[bytes]:
    index = MAILS / "expected.jsonl"
    if not index.exists():
        return [SAMPLE, *OTHERS]
    with index.open(encoding="utf-8") as lines:
        files = [row["file"] for row in map(json.loads, lines) if row["kind"] not in ("binary", "signature")]
    return [SAMPLE, *OTHERS, *((MAILS / file).read_bytes()[:20_000] for file in files[::7])]


SAMPLES = samples()


def mutated(raw: bytes, rng: random.Random) -> bytes:
    if rng.random() < 0.3:
        raw = doubled(raw, rng)
    for _ in range(rng.randint(1, 12)):
        at, to = sorted((rng.randint(0, len(raw)), rng.randint(0, len(raw))))
        change = rng.randint(0, 4)
        if change == 0:
            raw = raw[:at] + rng.choice(PIECES) + raw[at:]
        elif change == 1:
            raw = raw[:at] + raw[min(to, at + 200) :]
        elif change == 2:
            raw = raw[:at] + bytes([rng.randint(0, 255)]) + raw[at + 1 :]
        elif change == 3:
            raw = raw[:to] + raw[at : min(to, at + 500)] + raw[to:]
        else:
            raw = raw[:at]
    return raw


def doubled(raw: bytes, rng: random.Random) -> bytes:
    """The mail with some of its lines twice: header fields, boundaries, the ends of things."""
    lines = raw.split(b"\n")
    for _ in range(3):
        at = rng.randrange(len(lines))
        lines[at:at] = lines[at : at + rng.randint(1, 4)]
    return b"\n".join(lines)


def read(raw: bytes) -> Mail | None:
    try:
        found = parse(raw)
    except NotMail:
        return None
    # What is printed and stored must survive both.
    json.dumps(as_json(found, file="x")).encode("utf-8")
    names = [file.name for file in found.attachments]
    for text in (found.text, found.reply_text, found.html, found.subject, found.sender.name, found.message_id, *names):
        text.encode("utf-8")
        assert "\0" not in text
    for text in (found.text, found.reply_text, found.html, found.subject, *names):
        assert "\u202e" not in text
    return found


@given(st.sampled_from(SAMPLES), st.randoms(use_true_random=False))
@settings(max_examples=150)
def test_a_mutated_mail_is_answered(raw: bytes, rng: random.Random) -> None:
    read(mutated(raw, rng))


@given(st.binary(max_size=400))
def test_any_bytes_are_answered(raw: bytes) -> None:
    read(raw)
    read(b"From: a@example.org\n" + raw)
    read(b"From: a@example.org\nContent-Type: text/html\n\n" + raw)


def test_time_grows_with_the_length_only() -> None:
    head = b"From: a@example.org\nContent-Type: multipart/mixed; boundary=o\n\n"
    assert_in_proportion(lambda times: read(head + (b"--o\n" + SAMPLE) * times), 30)


@pytest.mark.parametrize(
    ("head", "again", "tail"),
    [
        (b"Subject: ", b"=?a?q? ", b"\n\nx"),
        (b"To: ", b"=?a?q? ", b" <b@example.org>\n\nx"),
        (b"Subject: ", b"warning: ", b"\n\nx"),
        (b"Content-Type: text/html\n\n<p ", b'a%d=">" ', b">x"),
    ],
    ids=["words without an end", "such words in an address", "half a warning", "attributes of one tag"],
)
def test_one_long_field_costs_no_more_than_its_length(head: bytes, again: bytes, tail: bytes) -> None:
    def work(times: int) -> None:
        middle = b"".join(again % n if b"%d" in again else again for n in range(times))
        read(b"From: a@example.org\n" + head + middle + tail)

    assert_in_proportion(work, 1_000 if b"%d" not in again else 8_000)


def test_a_picture_within_the_html_is_no_endless_tag() -> None:
    picture = base64.b64encode(bytes(range(256)) * 2_000)
    found = read(
        b'From: a@example.org\nContent-Type: text/html\n\n<p>See<img src="data:image/png;base64,%s">' % picture
    )
    assert found is not None
    assert found.html.startswith("<p>See")
