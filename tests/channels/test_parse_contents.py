"""Files within files, invitations, protected mail, deceptive characters and hostile shapes."""

from __future__ import annotations

import struct

import pytest

from forthwith.channels.email import winmail
from forthwith.channels.email.mail import NotMail
from forthwith.channels.email.parse import parse
from tests.growth import assert_in_proportion

FROM = b"From: Ann <ann@example.org>\n"


def typed(content_type: str, body: str | bytes, *more: str) -> bytes:
    head = "".join(f"{line}\n" for line in (f"Content-Type: {content_type}", *more))
    return head.encode() + b"\n" + (body if isinstance(body, bytes) else body.encode())


def multipart(kind: str, *parts: bytes) -> bytes:
    return (
        FROM
        + f"Content-Type: multipart/{kind}; boundary=cut\n\n".encode()
        + b"".join(b"--cut\n" + part + b"\n" for part in parts)
        + b"--cut--\n"
    )


def attribute(level: int, name: int, data: bytes) -> bytes:
    return struct.pack("<BII", level, name, len(data)) + data + struct.pack("<H", sum(data) % 65536)


def properties(*several: tuple[int, int, bytes]) -> bytes:
    packed = struct.pack("<I", len(several))
    for kind, name, data in several:
        packed += struct.pack("<HH", kind, name)
        if name >= 0x8000:
            packed += bytes(16) + struct.pack("<II", 1, 6) + "ab\0".encode("utf-16-le") + bytes(2)
        packed += data if kind in (3, 0x40) else struct.pack("<II", 1, len(data)) + data + bytes(-len(data) % 4)
    return packed


def tnef(*attributes: bytes) -> bytes:
    return b"\x78\x9f\x3e\x22\x01\x00" + b"".join(attributes)


PACKED = tnef(
    attribute(1, 0x00069007, struct.pack("<II", 1251, 0)),
    attribute(1, 0x00069003, properties((3, 0x0E07, bytes(4)), (0x1F, 0x8001, b"x\0"), (0x1E, 0x1000, b"Hello\0"))),
    attribute(2, 0x00069002, bytes(14)),
    attribute(2, 0x00018010, b"REPORT~1.PDF\0"),
    attribute(2, 0x0006800F, b"%PDF-1.7"),
    attribute(
        2, 0x00069005, properties((0x40, 0x3008, bytes(8)), (0x1F, 0x3707, "Übersicht.pdf\0".encode("utf-16-le")))
    ),
    attribute(2, 0x00069002, bytes(14)),
    attribute(2, 0x00018010, "отчёт.txt".encode("cp1251") + b"\0"),
    attribute(2, 0x0006800F, b"second"),
)


@pytest.mark.sop("1.2")
def test_the_files_in_a_winmail_dat_are_read_out() -> None:
    found = parse(
        multipart(
            "mixed", typed("text/plain", "See the report"), typed("application/ms-tnef; name=winmail.dat", PACKED)
        )
    )
    assert found.text == "See the report"
    assert [(one.name, one.content) for one in found.attachments] == [
        ("Übersicht.pdf", b"%PDF-1.7"),
        ("отчёт.txt", b"second"),
    ]


def test_the_text_in_a_winmail_dat_is_read_where_there_is_no_other() -> None:
    assert parse(FROM + typed("application/ms-tnef; name=winmail.dat", PACKED)).text == "Hello"


@pytest.mark.parametrize("cut", [*range(0, len(PACKED), 7)])
def test_a_cut_winmail_dat_is_read_as_far_as_it_goes(cut: int) -> None:
    found = parse(FROM + typed("application/ms-tnef; name=winmail.dat", PACKED[:cut]))
    assert found.attachments or found.notes or found.text == "Hello"


def test_a_winmail_dat_that_is_none_is_kept_and_noted() -> None:
    found = parse(FROM + typed("application/ms-tnef; name=winmail.dat", "something else"))
    assert [one.name for one in found.attachments] == ["winmail.dat"]
    assert found.notes == ("The file winmail.dat could not be unpacked.",)


def test_time_to_unpack_grows_with_the_length_only() -> None:
    several = struct.pack("<IHHI", 1, 0x101E, 0x1000, 0xFFFFFFFF)
    assert_in_proportion(lambda times: winmail.unpack(tnef(attribute(1, 0x00069003, several + bytes(times)))), 40_000)
    assert_in_proportion(lambda times: winmail.unpack(tnef(attribute(2, 0x00069002, b"") * times)), 4_000)


INVITATION = """\
BEGIN:VCALENDAR
METHOD:{method}
BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:STANDARD
DTSTART:16010101T030000
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
SUMMARY;LANGUAGE=en:Printer\\, the
  second
ATTENDEE;CN="Lee: Ann";PARTSTAT=DECLINED:mailto:ann@example.org
{times}
LOCATION:Room 1
DESCRIPTION:Bring paper\\nand toner
BEGIN:VALARM
DESCRIPTION:Reminder
END:VALARM
END:VEVENT
END:VCALENDAR
"""


@pytest.mark.sop("1.2")
@pytest.mark.parametrize(
    ("times", "when"),
    [
        ("DTSTART;TZID=Europe/Berlin:20120402T180000\nDTEND;TZID=Europe/Berlin:20120402T190000",
         "2012-04-02 18:00 to 19:00 Europe/Berlin"),
        ("DTSTART:20120402T160000Z\nDURATION:PT90M", "2012-04-02 16:00 to 17:30 UTC"),
        ("DTSTART:20120402T230000Z\nDTEND:20120403T010000Z", "2012-04-02 23:00 to 2012-04-03 01:00 UTC"),
        ("DTSTART;VALUE=DATE:20120402\nDTEND;VALUE=DATE:20120403", "2012-04-02"),
        ("DTSTART;VALUE=DATE:20120402\nDTEND;VALUE=DATE:20120405", "2012-04-02 to 2012-04-04"),
    ],
)  # fmt: skip
def test_an_invitation_without_other_text_is_told(times: str, when: str) -> None:
    found = parse(FROM + typed("text/calendar; method=REQUEST", INVITATION.format(method="REQUEST", times=times)))
    expected = f"Invitation: Printer, the second\nWhen: {when}\nWhere: Room 1\n\nBring paper\nand toner"
    assert found.text == found.reply_text == expected
    assert [one.type for one in found.attachments] == ["text/calendar"]


def test_an_answer_to_an_invitation_says_what_was_answered() -> None:
    text = parse(FROM + typed("text/calendar", INVITATION.format(method="REPLY", times="DTSTART:tomorrow"))).text
    assert text.startswith("Answer to an invitation: Printer, the second\nAnswer: declined\nWhere: Room 1")


def test_an_invitation_beside_a_text_is_a_file() -> None:
    calendar = typed("text/calendar; method=REQUEST", INVITATION.format(method="REQUEST", times=""))
    found = parse(multipart("alternative", typed("text/plain", "Come, please"), calendar))
    assert (found.text, [one.type for one in found.attachments]) == ("Come, please", ["text/calendar"])


def test_time_to_tell_an_invitation_grows_with_the_length_only() -> None:
    for again in (";a", ';"', "A;B=", "\n SUMMARY", "BEGIN:VEVENT\n"):
        raw = FROM + typed("text/calendar", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY")
        assert_in_proportion(lambda times, raw=raw, again=again: parse(raw + again.encode() * times), 3_000)  # type: ignore[misc]


SIGNED = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nIt is broken.\n- -- now\n"
SIGNATURE = "-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----"
ENVELOPED = b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03\xa0\x80"
PLAIN = typed("text/plain", "plain words")


@pytest.mark.sop("1.2")
@pytest.mark.parametrize(
    ("raw", "protection"),
    [
        (FROM + typed("application/pkcs7-mime; smime-type=signed-data", "x"), "signed S/MIME"),
        (FROM + typed("application/pkcs7-mime; smime-type=enveloped-data", "x"), "encrypted S/MIME"),
        (FROM + typed("application/x-pkcs7-mime; name=smime.p7m", ENVELOPED), "encrypted S/MIME"),
        (multipart("signed; protocol=x", PLAIN, typed("application/pkcs7-signature", "x")), "signed S/MIME"),
        (multipart("signed", PLAIN, typed("application/pgp-signature", "x")), "signed PGP"),
        (multipart("encrypted", typed("application/pgp-encrypted", "1"), typed("application/octet-stream", "x")),
         "encrypted PGP"),
        (FROM + typed("text/plain", "-----BEGIN PGP MESSAGE-----\n\nx\n-----END PGP MESSAGE-----"), "encrypted PGP"),
        (FROM + typed("text/plain", SIGNED + SIGNATURE), "signed PGP"),
        (multipart("mixed", PLAIN, typed("application/pgp-keys; name=key.asc", "x")), ""),
        (FROM + PLAIN, ""),
    ],
)  # fmt: skip
def test_signed_and_encrypted_mail_is_told(raw: bytes, protection: str) -> None:
    assert parse(raw).protection == protection


@pytest.mark.parametrize("kind", ["signed-data", "enveloped-data"])
def test_a_mail_that_only_its_receiver_can_open_says_so(kind: str) -> None:
    found = parse(FROM + typed(f"application/pkcs7-mime; smime-type={kind}; name=smime.p7m", "x"))
    assert found.text == found.reply_text
    assert "S/MIME" in found.text
    assert [one.name for one in found.attachments] == ["smime.p7m"]


def test_of_an_inline_signature_the_new_part_has_the_words_only() -> None:
    found = parse(FROM + typed("text/plain", SIGNED + SIGNATURE + "\n"))
    assert found.reply_text == "It is broken.\n-- now"
    assert "BEGIN PGP SIGNATURE" in found.text


def packed(tag: int, content: bytes, *, ends: bool = False) -> bytes:
    if ends:
        return bytes([tag, 0x80]) + content + b"\0\0"
    return bytes([tag, 0x82]) + struct.pack(">H", len(content)) + content


def signed_data(content: bytes, *, ends: bool) -> bytes:
    pieces = [packed(4, content[at : at + 10]) for at in range(0, len(content), 10)]
    octets = packed(0x24, b"".join(pieces), ends=True) if ends else packed(4, content)
    inner = packed(6, b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01") + packed(0xA0, octets, ends=ends)
    signed = b"\x02\x01\x01" + packed(0x31, b"") + packed(0x30, inner, ends=ends) + packed(0x31, b"signers")
    whole = packed(6, b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02") + packed(
        0xA0, packed(0x30, signed, ends=ends), ends=ends
    )
    return packed(0x30, whole, ends=ends)


INNER = multipart("mixed", PLAIN, typed("application/pdf; name=a.pdf", "x")).removeprefix(FROM)
SMIME = "application/pkcs7-mime; smime-type=signed-data; name=smime.p7m"


@pytest.mark.sop("1.2")
@pytest.mark.parametrize("ends", [False, True], ids=["lengths", "marks"])
def test_an_opaque_signed_mail_is_opened(ends: bool) -> None:
    found = parse(FROM + typed(SMIME, signed_data(INNER, ends=ends)))
    assert (found.text, found.protection) == ("plain words", "signed S/MIME")
    assert [one.name for one in found.attachments] == ["smime.p7m", "a.pdf"]


def test_a_cut_or_repeated_signed_mail_is_read_as_far_as_it_goes() -> None:
    whole = signed_data(INNER, ends=True)
    for cut in range(0, len(whole), 5):
        assert parse(FROM + typed(SMIME, whole[:cut])).protection == "signed S/MIME"
    twice = signed_data(typed(SMIME, signed_data(INNER, ends=False)), ends=False)
    assert "S/MIME" in parse(FROM + typed(SMIME, twice)).text


RIGHT_TO_LEFT = "\u202e"


@pytest.mark.sop("1.2")
@pytest.mark.parametrize("unseen", ["\u202e", "\u2066", "\u200b", "\u200f", "\ufeff", "\u00ad", "\u2063", "\U000e0041"])
def test_characters_that_deceive_are_taken_out_everywhere_alike(unseen: str) -> None:
    html = typed("text/html; charset=utf-8", f"<p>pay{unseen}ment&#{ord(unseen)};</p>")
    file = typed("application/pdf", "x", f'Content-Disposition: attachment; filename="gepj.{unseen}exe"')
    coded = f"Subject: =?utf-8?q?{''.join(f'={byte:02X}' for byte in unseen.encode())}?= in{unseen}voice\n"
    found = parse(
        f'From: "A{unseen}nn" <ann@example.org>\n{coded}'.encode() + multipart("mixed", html, file).removeprefix(FROM)
    )
    assert (found.subject, found.sender.name, found.text, found.reply_text) == ("invoice", "Ann", "payment", "payment")
    assert [one.name for one in found.attachments] == ["gepj.exe"]
    assert unseen not in found.html


def test_a_letter_turner_alone_makes_no_history() -> None:
    found = parse(FROM + typed("text/plain; charset=utf-8", f"The file {RIGHT_TO_LEFT}fdp.exe\u2028does not open.\n"))
    assert found.text == found.reply_text == "The file fdp.exe\ndoes not open."


def test_joiners_of_letters_and_pictures_stay() -> None:
    words = "می\u200cخواهم 👩\u200d💻"
    assert parse(f"From: a@example.org\nSubject: {words}\n\n{words}".encode()).subject == words


def test_old_files_in_the_text_are_taken_out_of_it() -> None:
    body = "Look:\n\nbegin 644 cat.txt\n#0V%T\n`\nend\nThank you\n\nbegin 644 is how it starts\nat the end\n"
    found = parse(FROM + typed("text/plain", body))
    assert found.text == "Look:\n\nThank you\n\nbegin 644 is how it starts\nat the end"
    assert [(one.name, one.content) for one in found.attachments] == [("cat.txt", b"Cat")]


def test_enriched_text_is_read_as_text() -> None:
    found = parse(FROM + typed("text/enriched", "<bold>Help</bold>, 1 << 2\n"))
    assert (found.text, len(found.attachments)) == ("Help, 1 < 2", 1)


@pytest.mark.sop("1.2")
def test_ten_thousand_parts_are_refused_with_a_sentence() -> None:
    raw = FROM + b"Content-Type: multipart/mixed; boundary=q\n\n" + b"--q\nContent-Type: text/plain\n\nx\n" * 10_001
    with pytest.raises(NotMail, match=r"^The mail has more than 10,000 parts, .*\.$"):
        parse(raw)


def test_parts_too_deep_are_noted() -> None:
    raw = (
        FROM
        + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (at, at) for at in range(60))
        + b"\ndeep"
    )
    found = parse(raw)
    assert found.notes == ("The parts nested deeper than 50 levels were not opened.",)
    assert "deep" in found.text
