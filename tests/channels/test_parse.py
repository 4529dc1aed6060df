"""What the parser makes of a mail, one behaviour each."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest

from forthwith.channels.email import printed
from forthwith.channels.email.charsets import decode
from forthwith.channels.email.headers import addresses, decoded, instant, parameters
from forthwith.channels.email.html import sanitise, to_text
from forthwith.channels.email.mail import Address, NotMail
from forthwith.channels.email.parse import parse
from forthwith.channels.email.printed import answer, as_json

SIMPLE = """\
From: "Lee, Ann" <ann@example.org>
To: Desk <desk@example.com>, bob@example.org
Cc: team: carol@example.org;
Subject: =?utf-8?q?Drucker_l=C3=A4uft?= nicht
Message-ID: <one@example.org>
In-Reply-To: <zero@example.com>
References: <a@example.com>
 <zero@example.com>
Date: Mon, 2 Apr 2012 17:44:22 +0400
Content-Type: text/plain; charset=utf-8

Hallo
"""


def mail(body: str, **fields: str) -> bytes:
    head = {
        "From": "Ann <ann@example.org>",
        "Subject": "Printer",
        **{k.replace("_", "-"): v for k, v in fields.items()},
    }
    return ("".join(f"{name}: {value}\n" for name, value in head.items()) + "\n" + body).encode()


def multipart(kind: str, *parts: str) -> bytes:
    body = "".join(f"--cut\n{part}\n" for part in parts) + "--cut--\n"
    return mail(body, MIME_Version="1.0", Content_Type=f'multipart/{kind}; boundary="cut"')


PLAIN = "Content-Type: text/plain\n\nplain words"
HTML = "Content-Type: text/html\n\n<p>html <b>words</b></p>"


@pytest.mark.sop("1.2")
def test_the_parts_of_a_simple_mail() -> None:
    found = parse(SIMPLE.encode())
    assert found.sender == Address("Lee, Ann", "ann@example.org")
    assert found.to == (Address("Desk", "desk@example.com"), Address("", "bob@example.org"))
    assert found.cc == (Address("", "carol@example.org"),)
    assert found.subject == "Drucker läuft nicht"
    assert found.message_id == "one@example.org"
    assert found.in_reply_to == ("zero@example.com",)
    assert found.references == ("a@example.com", "zero@example.com")
    assert found.date == datetime(2012, 4, 2, 13, 44, 22, tzinfo=UTC)
    assert found.text == found.reply_text == "Hallo"
    assert (found.html, found.attachments, found.automatic, found.bounce, found.protection) == ("", (), None, None, "")


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_any_line_end_reads_alike(ends: str) -> None:
    assert parse(SIMPLE.replace("\n", ends).encode()) == parse(SIMPLE.encode())


@pytest.mark.parametrize("coding", ["utf-8-sig", "utf-16"])
def test_a_mail_that_an_editor_saved_in_its_own_coding(coding: str) -> None:
    assert parse(SIMPLE.encode(coding)).subject == "Drucker läuft nicht"


@pytest.mark.parametrize(
    "raw",
    [b"", b" \r\n\r\n", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"GIF89a\1\0",
     b'"""A module."""\n\nimport os\n\ntry:\n    x\n',
     b"Just a few words.\nNothing more.\n", bytes(range(256)) * 4],
)  # fmt: skip
def test_what_is_no_mail_is_refused_with_a_sentence(raw: bytes) -> None:
    with pytest.raises(NotMail, match=r"^The file .*\.$"):
        parse(raw)


def test_an_alternative_is_one_text_in_two_shapes() -> None:
    found = parse(multipart("alternative", PLAIN, HTML))
    assert found.text == "plain words"
    assert found.html == "<p>html <b>words</b></p>"


def test_html_alone_is_read_as_text() -> None:
    found = parse(multipart("mixed", "Content-Type: text/html\n\n<h1>Help</h1><ul><li>one<li>two</ul>a<br>b"))
    assert found.text.split() == ["Help", "-", "one", "-", "two", "a", "b"]


def test_an_empty_plain_part_yields_to_the_html() -> None:
    assert parse(multipart("alternative", "Content-Type: text/plain\n\n \n", HTML)).text == "html words"


def test_attachments_and_inline_images() -> None:
    picture = base64.b64encode(b"\x89PNG").decode()
    image = f"Content-Type: image/png; name=a.png\nContent-ID: <pic>\nContent-Transfer-Encoding: base64\n\n{picture}"
    file = (
        "Content-Type: application/pdf\nContent-Disposition: attachment; filename*0*=utf-8''%C3%9Cber;"
        ' filename*1="sicht.pdf"\n\nPDF'
    )
    html = 'Content-Type: text/html\n\n<img src="cid:pic">'
    found = parse(multipart("related", html, image, file))
    assert [(a.name, a.type, a.size, a.inline, a.content) for a in found.attachments] == [
        ("a.png", "image/png", 4, True, b"\x89PNG"),
        ("Übersicht.pdf", "application/pdf", 3, False, b"PDF"),
    ]


def test_an_attached_mail_is_kept_whole() -> None:
    found = parse(
        multipart("mixed", PLAIN, "Content-Type: message/rfc822\n\nFrom: x@example.org\nSubject: Old: one\n\nhi")
    )
    assert [(a.name, a.type) for a in found.attachments] == [("Old one.eml", "message/rfc822")]
    assert b"From: x@example.org" in found.attachments[0].content
    assert found.text == "plain words"


def test_of_an_apple_double_the_file_is_kept() -> None:
    double = (
        "Content-Type: multipart/appledouble; boundary=in\n\n--in\nContent-Type: application/applefile\n\nfork\n"
        "--in\nContent-Type: image/png; name=a.png\n\npng\n--in--"
    )
    assert [a.name for a in parse(multipart("mixed", PLAIN, double)).attachments] == ["a.png"]


@pytest.mark.parametrize(
    ("fields", "body", "text"),
    [
        ("Content-Type: text/plain; format=flowed", "one \ntwo\n> a \n> b\nend", "one two\n> a b\nend"),
        ("Content-Type: text/plain; format=flowed; delsp=yes", "in \nto", "into"),
        ("Content-Transfer-Encoding: quoted-printable", "l=C3=A4uf=\nt", "läuft"),
        ("Content-Transfer-Encoding: base64", "bMOk!dW\n Z0=", "läuft"),
        ("Content-Transfer-Encoding: x-unknown", "as is", "as is"),
        ("Content-Type: multipart/mixed", "no boundary at all", "no boundary at all"),
        ("Content-Type: multipart/mixed; boundary=x", "--other\nContent-Type: text/plain\n\nfound\n--other--", "found"),
        ("Content-Type: text", "typeless", "typeless"),
    ],
)
def test_bodies_in_every_wrapping(fields: str, body: str, text: str) -> None:
    assert parse(f"From: a@example.org\n{fields}\n\n{body}".encode()).text == text


@pytest.mark.parametrize(
    ("data", "claimed", "text"),
    [
        ("läuft".encode(), "us-ascii", "läuft"),
        ("läuft".encode(), "iso-8859-1", "läuft"),
        ("läuft “so”".encode("cp1252"), "iso-8859-1", "läuft “so”"),
        ("läuft".encode("cp1252"), "utf-8", "läuft"),
        ("läuft".encode("cp1252"), "x-nonsense", "läuft"),
        ("プリンター".encode("iso2022_jp"), None, "プリンター"),
        ("プリンター".encode("cp932"), "shift_jis", "プリンター"),
        ("打印机坏了".encode("gb18030"), "gb2312", "打印机坏了"),
        ("Принтер не работает".encode("cp1251"), "iso-8859-1", "Принтер не работает"),
        ("Принтер не работает".encode("koi8_r"), None, "Принтер не работает"),
        (b"a\0b", "utf-8", "ab"),
        (b"+2AA-x", "utf-7", "x"),
        (b"eNpLTE", "zlib", "eNpLTE"),
        (b"caf\\u00e9", "unicode_escape", "caf\\u00e9"),
    ],
)
def test_charsets_claimed_untruly_or_not_at_all(data: bytes, claimed: str | None, text: str) -> None:
    assert decode(data, claimed) == text


def test_a_raw_header_is_read_in_the_charset_of_the_body() -> None:
    raw = "From: a@example.org\nSubject: プリンター\nContent-Type: text/plain; charset=shift_jis\n\n動かない"
    found = parse(raw.encode("cp932"))
    assert (found.subject, found.text) == ("プリンター", "動かない")


def test_header_fields_are_never_in_utf_16_even_if_the_body_is() -> None:
    head = b"From: Ann <a@example.org>\nSubject: Printer\nContent-Type: text/plain; charset=utf-16\n\n"
    found = parse(head + "It stopped".encode("utf-16"))
    assert (found.sender.name, found.subject, found.text) == ("Ann", "Printer", "It stopped")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("=?utf-8?B?w6Q=?= =?utf-8?q?_x?=", "ä x"),
        ("=?utf-8?q?=C3?= =?utf-8?q?=A4?=", "ä"),
        ("=?utf-8?q?a b?=c", "a bc"),
        ("=?nonsense?q?a?= =?", "a =?"),
        ("=?iso-2022-jp?b?GyRCJVclaiVzJT8bKEI=?=", "プリンタ"),
        ("a =?utf-8?q?b", "a =?utf-8?q?b"),
    ],
)
def test_encoded_words(value: str, text: str) -> None:
    assert decoded(value) == text


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("Ann <ann@example.org>", [("Ann", "ann@example.org")]),
        ("ann@example.org (Ann Lee)", [("Ann Lee", "ann@example.org")]),
        ("a@example.org; b@example.org", [("", "a@example.org"), ("", "b@example.org")]),
        ("undisclosed-recipients:;", []),
        ('"broken <a@example.org>', [("broken", "a@example.org")]),
        ("=?utf-8?q?Lee=2C_Ann?= <ann@example.org>", [("Lee, Ann", "ann@example.org")]),
        ("'ann@example.org' <ann@example.org>", [("", "ann@example.org")]),
        (
            "<@a.example, @b.example:ann@example.org>, bob@example.org",
            [("", "ann@example.org"), ("", "bob@example.org")],
        ),
        ("ann at example.org (Ann Lee)", [("Ann Lee", "ann@example.org")]),
        ("Ann at work", [("Ann at work", "")]),
        ("Nobody", [("Nobody", "")]),
    ],
)
def test_address_lists(value: str, found: list[tuple[str, str]]) -> None:
    assert [(a.name, a.address) for a in addresses(value)] == found


def test_parameters_in_pieces() -> None:
    assert parameters("a/b; name*1=c; name*0*=utf-8''%C3%A4; x=\"y;z\"") == ("a/b", {"name": "äc", "x": "y;z"})


@pytest.mark.parametrize("value", ["", "tomorrow", "Mon, 99 Foo 2012 77:88:99 +9999", "31 Dec 9999 23:00:00 -0900"])
def test_an_impossible_date_is_none(value: str) -> None:
    assert instant(value) is None


def test_a_date_without_zone_counts_as_utc() -> None:
    assert instant("Mon, 2 Apr 2012 17:44:22") == datetime(2012, 4, 2, 17, 44, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("html", "never"),
    [
        ("<script>alert(1)</script><p>x", "script"),
        ('<p onclick="x()">x', "onclick"),
        ('<a href="javascript:x()">x</a>', "javascript"),
        ("<iframe src=http://example.org></iframe>x", "iframe"),
        ('<p style="position:fixed;background:url(http://example.org)">x', "url("),
        ("<style>p{}</style><form action=x><input></form>x", "form"),
        ('<img src="http://example.org/track.gif">x', ' src="http'),
        ('<img src=data:text/html,x data-remote-src="http://example.org">x', "data:"),
    ],
)
def test_sanitised_html_neither_runs_nor_loads(html: str, never: str) -> None:
    clean = sanitise(html)
    assert never not in clean
    assert "x" in clean


def test_remote_images_wait_and_links_are_marked() -> None:
    clean = sanitise('<img src="https://example.org/a.png"><img src="cid:b"><a href="https://example.org">x</a>')
    assert 'data-remote-src="https://example.org/a.png"' in clean
    assert 'src="cid:b"' in clean
    assert 'rel="noopener noreferrer nofollow"' in clean


def test_quotes_in_html_are_marked_in_its_text() -> None:
    assert to_text("<p>new</p><blockquote><p>old</p>older</blockquote>") == "new\n\n> old\n>\n> older"


def test_the_printed_form_is_the_contract() -> None:
    found = as_json(parse(SIMPLE.encode()), file="a.eml")
    assert list(found) == [
        "file", "from", "to", "cc", "subject", "message_id", "in_reply_to", "references", "date", "text", "reply_text",
        "html", "attachments", "automatic", "bounce", "protection", "notes",
    ]  # fmt: skip
    assert found["from"] == {"name": "Lee, Ann", "address": "ann@example.org"}
    assert (found["date"], found["in_reply_to"]) == ("2012-04-02T13:44:22Z", "zero@example.com")


def test_what_is_no_mail_and_what_breaks_the_parser_is_an_answer_too(monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(answer(b"", file="a")) == {"file", "error"}

    def broken(raw: bytes) -> None:
        raise RecursionError("too deep")

    monkeypatch.setattr(printed, "parse", broken)
    found = answer(SIMPLE.encode(), file="b")
    assert found["file"] == "b"
    assert "RecursionError: too deep" in found["error"]


def nested(depth: int) -> bytes:
    return b"From: a@example.org\n" + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (at, at) for at in range(depth)
    )


@pytest.mark.parametrize(
    "raw",
    [
        nested(5_000) + b"\n\ndeep",
        b"From: a@b\nContent-Type: multipart/mixed; boundary=q\n\n"
        + b"--q\nContent-Type: multipart/mixed; boundary=z\n\nx\n" * 9_000,
        b"From: a@b\n" + b"X-Y: z\n" * 50_000 + b"\nx",
        b"From: " + b"(" * 50_000 + b"a@b\n\nx",
        b"From: a@b\nContent-Type: text/html\n\n" + b"<div>" * 50_000 + b"x",
        b"From: a@b\nContent-Type: text/html\n\n" + b"".join(b"<b id=%d>" % n for n in range(5_000)) + b"<p>x" * 5_000,
    ],
    ids=["nested", "false boundaries", "fields", "comments", "deep html", "open formatting"],
)
def test_a_hostile_mail_is_read_as_far_as_it_goes(raw: bytes) -> None:
    found = parse(raw)
    assert len(found.attachments) <= 10_000
