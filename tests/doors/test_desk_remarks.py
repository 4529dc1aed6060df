"""What the desk says of a mail that is signed, encrypted or not whole (SOP 6.1)."""

from __future__ import annotations

from django.test import Client
from django.utils import timezone

from forthwith.record.models import RawItem
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, as_person

SIGNED = """\
-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA256

The printer on floor two prints only blank pages.
-----BEGIN PGP SIGNATURE-----

iQEzBAEBCAAdFiEE
-----END PGP SIGNATURE-----
"""
ENCRYPTED = (
    b"From: Rui <rui@customer.example>\r\nTo: support@desk.example\r\nSubject: Secret\r\n"
    b"Message-ID: <secret@customer.example>\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary="b"\r\n\r\n'
    b"--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n"
    b"--b\r\nContent-Type: application/octet-stream; name=secret.asc\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n--b--\r\n"
)
BROKEN_PACK = (
    b"From: Rui <rui@customer.example>\r\nTo: support@desk.example\r\nSubject: Files\r\n"
    b"Message-ID: <pack@customer.example>\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\nThe files are in the pack.\r\n'
    b'--b\r\nContent-Type: application/ms-tnef; name="win\x00mail.dat"\r\n\r\nno pack at all\r\n--b--\r\n'
)


def page(desk: Desk, number: int | None) -> str:
    return as_person(desk.ana).get(f"/tickets/{number}/").content.decode()


def test_a_signed_mail_says_that_its_signature_was_not_checked(desk: Desk) -> None:
    number = d.new_ticket(timezone.now(), SIGNED)
    said = "Signed with PGP; the desk has not checked the signature."
    assert said in page(desk, number)
    assert RawItem.objects.get().remarks == [said]


def test_an_encrypted_mail_says_that_the_desk_has_no_key(desk: Desk) -> None:
    assert "Encrypted with PGP; the desk has no key for it." in page(desk, d.arrive(ENCRYPTED, timezone.now()).ticket)


def test_what_could_not_be_unpacked_is_said_on_the_message_and_in_the_ledger(desk: Desk) -> None:
    number = d.arrive(BROKEN_PACK, timezone.now()).ticket
    assert "could not be unpacked" in page(desk, number)
    kept = RawItem.objects.get()
    RawItem.objects.filter(pk=kept.pk).update(outcome=RawItem.UNPROCESSED)
    client: Client = as_person(desk.lea)
    assert "could not be unpacked" in client.get(f"/ledger/{kept.pk}/").content.decode()


def test_an_ordinary_mail_has_no_remark(desk: Desk) -> None:
    assert 'class="remark' not in page(desk, d.new_ticket(timezone.now()))
