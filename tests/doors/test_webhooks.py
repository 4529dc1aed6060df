"""Mail that a provider hands over by HTTP: signed as each of them signs, stored before it is answered 200 (SOP 1.2)."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.test import Client
from django.utils.translation import get_language

from forthwith.channels.email.webhooks import endpoint, posted, sns
from forthwith.config.environment import Webhooks
from forthwith.procedure.facts import AcknowledgementWithheld
from forthwith.record.models import Attachment, Message, RawItem, Ticket
from forthwith.steps import receive
from tests import desk_fixtures as d
from tests.desk_fixtures import DESK, Desk

KEY = "key-of-the-desk-0123456789"
PAIR = "desk:sesame-opens-the-door"
TOPIC = "arn:aws:sns:eu-west-1:123456789012:desk-mail"
CERTIFICATE = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123abcd.pem"
LATIN = "From: Rui <rui@customer.example>\r\nSubject: Gr\xfc\xdfe\r\n\r\nDer Drucker dr\xfcckt nicht.\r\n".encode(
    "latin-1"
)


@dataclass
class Answer:
    status: int
    text: str


Send = Callable[..., Answer]


@pytest.fixture(autouse=True)
def opened(settings: Any) -> None:
    settings.WEBHOOKS = Webhooks(KEY, PAIR, PAIR, TOPIC)


def answered(path: str, **posted: Any) -> Answer:
    found = Client(enforce_csrf_checks=True).post(path, **posted)
    return Answer(found.status_code, found.content.decode())


def basic(pair: str) -> dict[str, str]:
    return {"HTTP_AUTHORIZATION": f"Basic {b64encode(pair.encode()).decode()}"} if pair else {}


# --- Each provider, as it posts -----------------------------------------------------------------------------


def mailgun_signed(key: str = KEY, at: float | None = None) -> dict[str, str]:
    stamp, token = str(int(at or time.time())), "a" * 50
    signature = hmac.new(key.encode(), f"{stamp}{token}".encode(), hashlib.sha256).hexdigest()
    return {"timestamp": stamp, "token": token, "signature": signature}


def form(fields: dict[str, bytes]) -> dict[str, Any]:
    """A form as providers post it: bytes in a field, which Django's own client would take for text."""
    body = b"".join(
        b'--limit\r\nContent-Disposition: form-data; name="' + name.encode() + b'"\r\n\r\n' + value + b"\r\n"
        for name, value in fields.items()
    )
    return {"data": body + b"--limit--\r\n", "content_type": "multipart/form-data; boundary=limit"}


def by_mailgun(raw: bytes, *, sender: str = "rui@customer.example", wrong: bool = False) -> Answer:
    signed = mailgun_signed("another-key-altogether" if wrong else KEY)
    fields = {"recipient": DESK, "sender": sender, "body-mime": raw, **signed}
    bare = {name: value.encode() if isinstance(value, str) else value for name, value in fields.items()}
    return answered("/webhooks/mailgun/mime", **form(bare))


def by_postmark(raw: bytes, *, sender: str = "rui@customer.example", wrong: bool = False) -> Answer:
    told = {
        "FromFull": {"Email": "rui@customer.example", "Name": "Rui"},
        "OriginalRecipient": DESK,
        "Headers": [{"Name": "Return-Path", "Value": f"<{sender}>"}, {"Name": "X-Spam-Status", "Value": "No"}],
        "RawEmail": raw.decode(),
    }
    auth = basic("desk:wrong-password" if wrong else PAIR)
    return answered("/webhooks/postmark/", data=json.dumps(told), content_type="application/json", **auth)


def by_sendgrid(raw: bytes, *, sender: str = "rui@customer.example", wrong: bool = False) -> Answer:
    envelope = json.dumps({"to": [DESK], "from": sender}).encode()
    auth = basic("desk:wrong-password" if wrong else PAIR)
    return answered("/webhooks/sendgrid/", **form({"email": raw, "envelope": envelope}), **auth)


class Amazon:
    """A topic with a key and a certificate of its own."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(65537, 2048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
        now = datetime.now(UTC)
        made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(self.key.public_key())
        made = made.serial_number(7).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        self.certificate = made.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        self.fetched: list[str] = []

    def fetch(self, url: str) -> bytes:
        self.fetched.append(url)
        return self.certificate

    def signed(self, said: dict[str, str], version: str = "2") -> dict[str, str]:
        said = {
            "MessageId": "4711",
            "TopicArn": TOPIC,
            "Timestamp": "2026-03-02T10:00:00.000Z",
            "SignatureVersion": version,
            "SigningCertURL": CERTIFICATE,
            **said,
        }
        names = ["Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
        told = "".join(f"{name}\n{said[name]}\n" for name in names if name in said)
        method = hashes.SHA256() if version == "2" else hashes.SHA1()
        signature = self.key.sign(told.encode(), padding.PKCS1v15(), method)
        return {"Signature": b64encode(signature).decode(), **said}

    def mail(self, raw: bytes, sender: str = "rui@customer.example", **more: str) -> dict[str, str]:
        told = {
            "notificationType": "Received",
            "mail": {"source": sender, "destination": [DESK]},
            "receipt": {"recipients": [DESK], "action": {"type": "SNS", "encoding": "BASE64"}},
            "content": b64encode(raw).decode(),
        }
        return self.signed({"Type": "Notification", "Message": json.dumps(told), "Subject": "A mail", **more})

    @staticmethod
    def post(said: dict[str, str]) -> Answer:
        heads = {"HTTP_X_AMZ_SNS_MESSAGE_TYPE": said["Type"], "HTTP_X_AMZ_SNS_MESSAGE_ID": said["MessageId"]}
        return answered("/webhooks/ses/", data=json.dumps(said), content_type="text/plain; charset=UTF-8", **heads)


@pytest.fixture
def amazon(monkeypatch: pytest.MonkeyPatch) -> Amazon:
    made = Amazon()
    monkeypatch.setattr(sns, "fetch", made.fetch)
    sns._certificate.cache_clear()
    return made


@pytest.fixture(params=["mailgun", "postmark", "sendgrid", "ses"])
def send(request: pytest.FixtureRequest, amazon: Amazon) -> Send:
    """Hands a mail over as one of the four does; with `wrong`, as somebody who is not that provider."""

    def by_ses(raw: bytes, *, sender: str = "rui@customer.example", wrong: bool = False) -> Answer:
        said = amazon.mail(raw, sender)
        return amazon.post(said | {"MessageId": "4712"} if wrong else said)

    ways = {"mailgun": by_mailgun, "postmark": by_postmark, "sendgrid": by_sendgrid, "ses": by_ses}
    found: Send = ways[request.param]
    return found


# --- What holds for all four --------------------------------------------------------------------------------


@pytest.mark.sop("1.2")
def test_a_mail_becomes_a_ticket_before_it_is_answered_200(desk: Desk, send: Send) -> None:
    raw = d.mail().replace(b"\n", b"\r\n")
    assert send(raw).status == 200
    item = RawItem.objects.get()
    assert (item.outcome, item.sender, item.recipients) == ("ticket", "rui@customer.example", [DESK])
    assert bytes(item.body) == raw
    assert Message.objects.get().text.startswith("Hello, the printer")


@pytest.mark.sop("1.2")
def test_the_ledger_is_english_whatever_the_provider_asks_for(
    desk: Desk, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoken: list[str | None] = []
    keep = receive.keep
    monkeypatch.setattr(receive, "keep", lambda *a, **k: (spoken.append(get_language()), keep(*a, **k))[1])
    monkeypatch.setitem(globals(), "Client", partial(Client, headers={"accept-language": "de"}))
    assert send(d.mail()).status == 200
    assert set(spoken) == {"en"}


@pytest.mark.sop("1.2")
def test_the_same_delivery_twice_is_one_ticket(desk: Desk, send: Send) -> None:
    for _ in range(2):
        assert send(d.mail(mail_id="one@customer.example")).status == 200
    for _ in range(2):
        assert send(d.mail("Something else is broken.", mail_id="")).status == 200
    assert Ticket.objects.count() == 2
    assert sorted(RawItem.objects.values_list("repeats", flat=True)) == [1, 1]


@pytest.mark.sop("1.2")
def test_a_wrong_signature_leaves_no_trace(desk: Desk, send: Send) -> None:
    answer = send(d.mail(), wrong=True)
    assert answer.status in (401, 403), answer
    assert not RawItem.objects.exists()


@pytest.mark.sop("1.2")
def test_what_cannot_be_stored_is_sent_again(desk: Desk, send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OperationalError("disk full")

    raw = d.mail()
    with monkeypatch.context() as broken:
        broken.setattr(receive, "insert_new", full)
        assert send(raw).status == 503
    assert not RawItem.objects.exists()
    assert send(raw).status == 200
    assert Ticket.objects.count() == 1


@pytest.mark.sop("2.2")
def test_an_empty_sender_is_not_answered(desk: Desk, send: Send) -> None:
    assert send(d.mail(), sender="").status == 200
    assert RawItem.objects.get().sender == "<>"
    (withheld,) = d.facts(Ticket.objects.get().number, AcknowledgementWithheld)
    assert "empty envelope sender" in withheld.why


def test_a_mail_that_is_too_large_is_refused(desk: Desk, send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint, "LARGEST_MAIL", 2000)
    assert send(d.mail("x " * 2000)).status == 413
    assert not RawItem.objects.exists()
    assert send(d.mail()).status == 200


@pytest.mark.sop("1.2")
def test_a_mail_that_nobody_can_understand_is_taken_and_kept(desk: Desk, send: Send) -> None:
    assert send(b"no mail at all").status == 200
    assert RawItem.objects.get().outcome == "unprocessed"


@pytest.mark.parametrize("provider", ["mailgun", "mailgun/mime", "postmark", "sendgrid", "ses"])
def test_an_address_that_nobody_configured_is_not_there(desk: Desk, settings: Any, provider: str) -> None:
    path = f"/webhooks/{provider}" + ("" if provider.endswith("mime") else "/")
    assert Client().head(path).status_code == 200, "some providers look whether the address is there"
    assert Client().get(path).status_code == 405
    settings.WEBHOOKS = replace(settings.WEBHOOKS, **{provider.partition("/")[0]: ""})
    assert {Client().post(path).status_code, Client().head(path).status_code} == {404}
    # Nor does an empty password open it.
    assert answered(path, data=b"{}", content_type="application/json", **basic(":")).status == 404


def test_a_flood_of_wrong_signatures_is_turned_away_unread(
    desk: Desk, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = {send(d.mail(), wrong=True).status for _ in range(endpoint.MOST_WRONG)}
    assert codes <= {401, 403}
    assert send(d.mail(), wrong=True).status == 429
    assert not RawItem.objects.exists()
    if codes == {401}:
        assert send(d.mail()).status == 200, "a right password needs no protection from those who guess"
        return
    monkeypatch.setattr(endpoint, "read_posted", lambda *_: pytest.fail("it was read"))
    assert send(d.mail()).status == 429


# --- What one of them does alone ----------------------------------------------------------------------------


@pytest.mark.sop("1.2")
def test_bytes_that_are_no_utf8_are_kept_as_they_came(desk: Desk, amazon: Amazon) -> None:
    for count, way in enumerate((by_mailgun, by_sendgrid, lambda raw: amazon.post(amazon.mail(raw))), 1):
        raw = LATIN + b"\xff" * count
        assert way(raw).status == 200
        assert bytes(RawItem.objects.latest("pk").body) == raw
    urlencoded = "&".join(f"{name}={value}" for name, value in mailgun_signed().items())
    urlencoded += f"&recipient={DESK}&body-mime=" + "".join(f"%{byte:02x}" for byte in LATIN)
    kind = "application/x-www-form-urlencoded"
    assert answered("/webhooks/mailgun/", data=urlencoded, content_type=kind).status == 200
    item = RawItem.objects.latest("pk")
    assert (bytes(item.body), item.sender) == (LATIN, "")


def parsed_by_mailgun() -> Answer:
    heads = [
        ["From", "Rui <rui@customer.example>"],
        ["Subject", "Drucker Nr. 2 ü"],
        ["Message-Id", "<7@customer.example>"],
    ]
    fields = {
        "sender": "rui@customer.example",
        "recipient": DESK,
        "message-headers": json.dumps([*heads, ["Content-Type", "multipart/mixed; boundary=gone"]]),
        "body-plain": "Der Drucker druckt nicht. ü",
        "body-html": "<p>Der Drucker druckt <b>nicht</b>. ü <img src='cid:logo'></p>",
        "content-id-map": json.dumps({"<logo>": "attachment-2"}),
        "attachment-1": SimpleUploadedFile("Bericht ü.txt", b"report", "text/plain"),
        "attachment-2": SimpleUploadedFile("logo.png", b"\x89PNG\r\n\x1a\n", "image/png"),
    }
    return answered("/webhooks/mailgun/", data=fields | mailgun_signed())


def parsed_by_sendgrid() -> Answer:
    fields = {
        "headers": "From: Rui <rui@customer.example>\nSubject: Drucker\n Nr. 2 ü\nMessage-ID: <7@customer.example>\n",
        "envelope": json.dumps({"to": [DESK], "from": "rui@customer.example"}),
        "charsets": json.dumps({"text": "utf-8"}),
        "text": "Der Drucker druckt nicht. ü",
        "html": "<p>Der Drucker druckt <b>nicht</b>. ü <img src='cid:logo'></p>",
        "attachment-info": json.dumps({"attachment1": {}, "attachment2": {"content-id": "logo"}}),
        "attachment1": SimpleUploadedFile("Bericht ü.txt", b"report", "text/plain"),
        "attachment2": SimpleUploadedFile("logo.png", b"\x89PNG\r\n\x1a\n", "image/png"),
    }
    return answered("/webhooks/sendgrid/", data=fields, **basic(PAIR))


def parsed_by_postmark() -> Answer:
    told = {
        "FromFull": {"Email": "rui@customer.example", "Name": 'Rui "R"'},
        "ToFull": [{"Email": DESK, "Name": ""}],
        "OriginalRecipient": DESK,
        "Subject": "Drucker Nr. 2 ü",
        "Headers": [
            {"Name": "Return-Path", "Value": "<rui@customer.example>"},
            {"Name": "Message-ID", "Value": "<7@customer.example>"},
        ],
        "TextBody": "Der Drucker druckt nicht. ü",
        "HtmlBody": "<p>Der Drucker druckt <b>nicht</b>. ü <img src='cid:logo'></p>",
        "Attachments": [
            {"Name": "Bericht ü.txt", "Content": b64encode(b"report").decode(), "ContentType": "text/plain"},
            {
                "Name": "logo.png",
                "Content": b64encode(b"\x89PNG\r\n\x1a\n").decode(),
                "ContentType": "image/png",
                "ContentID": "logo",
            },
        ],
    }
    data = json.dumps(told)
    return answered("/webhooks/postmark/", data=data, content_type="application/json", **basic(PAIR))


@pytest.mark.sop("1.2")
@pytest.mark.parametrize("way", [parsed_by_mailgun, parsed_by_sendgrid, parsed_by_postmark])
def test_a_mail_that_was_taken_apart_is_put_together_again_in_the_same_bytes(
    desk: Desk, way: Callable[[], Answer]
) -> None:
    for _ in range(2):
        assert way().status == 200
    item, message = RawItem.objects.get(), Message.objects.get()
    assert (item.repeats, item.sender, item.author) == (1, "rui@customer.example", "rui@customer.example")
    assert (message.subject, message.mail_id) == ("Drucker Nr. 2 ü", "7@customer.example")
    assert message.text.strip() == "Der Drucker druckt nicht. ü"
    assert "<b>nicht</b>" in message.html
    files = {(one.name, one.type, one.size, one.inline) for one in Attachment.objects.all()}
    assert files == {("Bericht ü.txt", "text/plain", 6, False), ("logo.png", "image/png", 8, True)}


def test_an_old_signature_of_mailgun_is_worth_nothing(desk: Desk) -> None:
    fields = {"body-mime": d.mail().decode(), "recipient": DESK}
    for at, status in ((time.time() - 3 * 86400, 403), (time.time() - 3600, 200)):
        assert answered("/webhooks/mailgun/", data=fields | mailgun_signed(at=at)).status == status


@pytest.mark.sop("1.2")
def test_what_brings_no_mail_is_kept_with_the_reason(desk: Desk, amazon: Amazon) -> None:
    told = {
        "notificationType": "Received",
        "mail": {"source": "rui@customer.example"},
        "receipt": {"recipients": [DESK]},
    }
    told["receipt"] = {"recipients": [DESK], "action": {"type": "S3", "bucketName": "mails", "objectKey": "k1"}}
    report = json.dumps({"notificationType": "Bounce"})
    stored = {"recipient": DESK, "message-headers": "[]", "attachments": "[]"} | mailgun_signed()
    cases = [
        (amazon.post(amazon.signed({"Type": "Notification", "Message": json.dumps(told)})), "mails/k1"),
        (amazon.post(amazon.signed({"Type": "Notification", "Message": report})), "report of Amazon SES"),
        (
            amazon.post(amazon.signed({"Type": "Notification", "Message": '{"notificationType":"Received"}'})),
            "KeyError",
        ),
        (answered("/webhooks/mailgun/", data=stored), "forward()"),
        (answered("/webhooks/mailgun/", data=mailgun_signed()), "what Mailgun posted"),
        (
            answered("/webhooks/postmark/", data="[1]", content_type="application/json", **basic(PAIR)),
            "what Postmark posted",
        ),
        (
            answered(
                "/webhooks/postmark/", data='{"RecordType":"Open"}', content_type="application/json", **basic(PAIR)
            ),
            "a report of Postmark (Open)",
        ),
    ]
    items = RawItem.objects.order_by("pk")
    for (answer, words), item in zip(cases, items, strict=True):
        assert (answer.status, item.outcome) == (200, "unprocessed")
        assert words in item.reason


@pytest.mark.parametrize("version", ["1", "2"])
def test_both_signatures_of_amazon_are_known(desk: Desk, amazon: Amazon, version: str) -> None:
    assert amazon.post(amazon.signed({"Type": "Notification", "Message": "Hello"}, version)).status == 200
    amazon.post(amazon.mail(d.mail()))
    assert amazon.fetched == [CERTIFICATE], "it is fetched once"


@pytest.mark.parametrize(
    "changed",
    [
        {"TopicArn": "arn:aws:sns:eu-west-1:999999999999:desk-mail"},
        {"SigningCertURL": "https://sns.eu-west-1.amazonaws.com.evil.example/a.pem"},
        {"SigningCertURL": "http://sns.eu-west-1.amazonaws.com/a.pem"},
        {"SigningCertURL": "https://sns.eu-west-1.amazonaws.com/../a.pem"},
        {"SigningCertURL": "https://sns.us-east-1.amazonaws.com/a.pem"},
        {"SigningCertURL": "https://bucket.eu-west-1.amazonaws.com/a.pem"},
        {"SigningCertURL": "https://evil.example/?https://sns.eu-west-1.amazonaws.com/a.pem"},
        {"SignatureVersion": "3"},
        {"SignatureVersion": "1"},
        {"Signature": "not base64!"},
        {"Message": "another"},
        {"Timestamp": "2026-03-03T10:00:00.000Z"},
    ],
)
def test_what_amazon_did_not_sign_for_this_topic_is_refused(
    desk: Desk, amazon: Amazon, changed: dict[str, str]
) -> None:
    assert amazon.post({**amazon.mail(d.mail()), **changed}).status == 403
    assert not RawItem.objects.exists()
    assert set(amazon.fetched) <= {CERTIFICATE}, "nothing is fetched from elsewhere"


def test_a_topic_of_somebody_else_is_refused_although_amazon_signed_it(desk: Desk, amazon: Amazon) -> None:
    theirs = amazon.mail(d.mail(), TopicArn="arn:aws:sns:eu-west-1:999999999999:desk-mail")
    assert amazon.post(theirs).status == 403
    assert not amazon.fetched


def test_a_certificate_that_has_ended_signs_nothing(
    desk: Desk, amazon: Amazon, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = amazon.mail(d.mail())
    sns.check(said, TOPIC, datetime.now(UTC))
    with pytest.raises(sns.Forged, match="not valid now"):
        sns.check(said, TOPIC, datetime.now(UTC) + timedelta(days=2))


def test_a_certificate_that_cannot_be_had_now_lets_amazon_try_again(
    desk: Desk, amazon: Amazon, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(url: str) -> bytes:
        raise TimeoutError("timed out")

    said = amazon.mail(d.mail())
    with monkeypatch.context() as broken:
        broken.setattr(sns, "fetch", away)
        assert amazon.post(said).status == 503
    assert amazon.post(said).status == 200
    assert Ticket.objects.count() == 1


def test_the_subscription_of_the_own_topic_is_confirmed_at_amazon_only(desk: Desk, amazon: Amazon) -> None:
    good = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=arn:aws:sns:x&Token=2336"
    said = {"Type": "SubscriptionConfirmation", "Message": "You have chosen to subscribe", "Token": "2336"}
    assert amazon.post(amazon.signed({**said, "SubscribeURL": good})).status == 200
    assert amazon.fetched == [CERTIFICATE, good]
    assert not RawItem.objects.exists()
    amazon.post(amazon.signed({**said, "SubscribeURL": "https://evil.example/?Action=ConfirmSubscription"}))
    assert amazon.fetched == [CERTIFICATE, good]


@pytest.mark.parametrize(
    ("path", "body", "kind"),
    [
        ("mailgun/", b"[]", "application/json"),
        ("mailgun/", b"{", "application/json"),
        ("mailgun/", b"timestamp=%FF&token=%C3%BC&signature=x", "application/x-www-form-urlencoded"),
        ("mailgun/", b"&".join([b"a=b"] * 2000), "application/x-www-form-urlencoded"),
        ("mailgun/", b"--x\r\n\r\n" * 12_000, "multipart/form-data; boundary=x"),
        ("mailgun/", b"no form", "multipart/form-data"),
        ("ses/", b"[" * 100_000, "text/plain"),
        ("ses/", b"[]", "text/plain"),
        ("ses/", b"\xff", "text/plain"),
    ],
)
def test_nothing_that_a_stranger_posts_breaks_it(desk: Desk, amazon: Amazon, path: str, body: bytes, kind: str) -> None:
    assert answered(f"/webhooks/{path}", data=body, content_type=kind).status == 403
    assert not RawItem.objects.exists()


def test_more_than_is_taken_of_anybody_is_not_read_to_its_end(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint.Endpoint, "largest", 1000)
    assert by_mailgun(b"x" * 2000).status == 413


@pytest.mark.parametrize("content", [b"", b"\r\n", b"limit--", b"-- \r\nRui\r\n", b"\r\n--limi\r\n", b"\0\xff\r\n\r\n"])
def test_a_field_keeps_its_bytes(content: bytes) -> None:
    sent = form({"one": content, "two": b"2"})
    read = posted.Posted({"CONTENT_TYPE": sent["content_type"]}, "multipart/form-data", sent["data"])
    posted._read_parts(read)
    assert read.fields == {"one": content, "two": b"2"}
