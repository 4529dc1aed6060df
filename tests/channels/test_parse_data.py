"""The parser on real mail of many systems: how many of the known answers it gives, with a floor for each kind."""

from __future__ import annotations

import json
import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from forthwith.channels.email.html import new_part_html
from forthwith.channels.email.mail import Mail, NotMail
from forthwith.channels.email.parse import parse
from forthwith.channels.email.replies import new_part

ROOT = Path(__file__).resolve().parents[2]
MAILS = Path(os.environ.get("FORTHWITH_TEST_DATA", ROOT.parent / "shared" / "data")) / "mail"

pytestmark = pytest.mark.skipif(
    not (MAILS / "expected.jsonl").exists(),
    reason=f"no real mails at {MAILS}: name their folder's parent in FORTHWITH_TEST_DATA",
)

# What is asked: of how many, how many right answers there must be at least.
FLOORS = {
    "never an exception": 1.0,
    "mail is taken for mail": 0.995,
    "binary is no mail": 1.0,
    "sender": 1.0,
    "recipients": 0.98,
    "subject": 0.985,
    "message id": 1.0,
    "date": 1.0,
    "text": 1.0,
    "attachments": 0.95,
    "signed or encrypted": 1.0,
    "reply text": 1.0,
    "reply text of html": 1.0,
    "reply text without a mail": 1.0,
    "bounce recognised": 0.99,
    "auto-reply recognised": 1.0,
    "feedback recognised": 1.0,
    "ordinary mail is a person's": 1.0,
    "addresses that failed": 0.96,
    "failed for good or delayed": 0.96,
    "enhanced status": 0.985,
    "class of a status that nobody gave": 0.88,
    "hard bounce is permanent": 0.98,
}

Answer = tuple[str, str, bool]


@cache
def rows() -> list[dict[str, Any]]:
    with (MAILS / "expected.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@cache
def answers() -> dict[str, list[tuple[str, bool]]]:
    found: dict[str, list[tuple[str, bool]]] = defaultdict(list)
    for row in rows():
        for question, file, right in of_row(row):
            found[question].append((file, right))
    return found


@pytest.mark.sop("1.2", "2.2")
@pytest.mark.parametrize("question", FLOORS)
def test_the_share_of_right_answers(question: str) -> None:
    given = answers()[question]
    wrong = [file for file, right in given if not right]
    share = 1 - len(wrong) / len(given)
    assert share >= FLOORS[question], f"{len(given) - len(wrong)} of {len(given)} right; wrong: {', '.join(wrong)}"


def of_row(row: dict[str, Any]) -> Iterator[Answer]:
    file, kind, expected = row["file"], row["kind"], row.get("expected") or {}
    raw = (MAILS / file).read_bytes()
    if row["set"] == "crisp_reply":
        visible = expected.get("visible_text") or expected.get("first_fragment_trimmed")
        if visible:
            yield "reply text without a mail", file, same(new_part(raw.decode("utf-8", "replace")), visible)
    elif kind == "reply_html":
        yield "reply text of html", file, same(new_part(new_part_html(raw.decode())), expected["reply_text"])
    elif kind != "signature" and raw.strip():
        yield from of_mail(row["set"], kind, file, expected, raw)


def of_mail(source: str, kind: str, file: str, expected: Any, raw: bytes) -> Iterator[Answer]:
    try:
        mail = parse(raw)
    except NotMail:
        yield ("binary is no mail" if kind == "binary" else "mail is taken for mail"), file, kind == "binary"
        return
    except Exception:  # the very thing that must not happen, whatever it is
        yield "never an exception", file, False
        return
    yield "never an exception", file, True
    yield ("binary is no mail" if kind == "binary" else "mail is taken for mail"), file, kind != "binary"
    ask = ASKED.get(source)
    if ask and expected:
        for question, right in ask(mail, expected, kind):
            yield question, file, right
    for question, right in of_kind(mail, kind, file, expected):
        yield question, file, right


# Real bounces that their project keeps among its ordinary samples.
BOUNCES_AMONG_SAMPLES = re.compile(r"msg_(?:05|16|25|43)\.txt|multipart-wo-boundary|mimepart_without_content_type")
NEVER_BOUNCED = re.compile(r"dumbass_01|groupwise_03|qmail_08|simple_4[23]")


def of_kind(mail: Mail, kind: str, file: str, expected: Any) -> Iterator[tuple[str, bool]]:
    is_a = mail.automatic.kind if mail.automatic else "person"
    if kind == "bounce" and not NEVER_BOUNCED.search(file):
        yield "bounce recognised", is_a == "bounce"
    elif kind == "autoreply":
        yield "auto-reply recognised", is_a == "auto-reply"
    elif kind == "feedback":
        yield "feedback recognised", is_a == "feedback"
    elif kind in ("parse", "reply", "threading", "not-a-bounce") and not BOUNCES_AMONG_SAMPLES.search(file):
        yield "ordinary mail is a person's", is_a in ("person", "list")
    if kind == "signed_or_encrypted":
        yield "signed or encrypted", bool(mail.protection)


def of_stalwart(mail: Mail, expected: dict[str, Any], kind: str) -> Iterator[tuple[str, bool]]:
    if expected.get("from"):
        yield "sender", any(people([one]) == [(mail.sender.name, mail.sender.address)] for one in expected["from"])
    if expected.get("to"):
        yield "recipients", people(expected["to"]) == [(one.name, one.address) for one in mail.to]
    if "subject" in expected:
        yield "subject", alike(mail.subject, expected["subject"])
    if "message_id" in expected:
        yield "message id", mail.message_id == expected["message_id"]
    if "date" in expected:
        yield "date", mail.date == datetime.fromisoformat(expected["date"])
    for text in expected["text_body"]:
        if text["type"] == "text":
            start = squeezed(text["start"])[:60]
            yield "text", any(alike(squeezed(body)[: len(start)], start) for body in bodies_of(mail))
    wanted = [(one["name"], one["type"]) for one in expected["attachments"]]
    found = [(one.name, one.type) for one in mail.attachments]
    yield (
        "attachments",
        len(wanted) == len(found)
        and all(
            (not name or alike(got, name)) and kind in (None, type_)
            for (name, kind), (got, type_) in zip(wanted, found, strict=True)
        ),
    )


def of_reply(mail: Mail, expected: dict[str, Any], kind: str) -> Iterator[tuple[str, bool]]:
    if "reply_text" in expected:
        # Some keep the signature with the new part; ours is cut off.
        wanted = expected["reply_text"]
        yield "reply text", same(mail.reply_text, wanted) or same(mail.reply_text, new_part(wanted))
    for words in expected.get("reply_text_contains", []):
        yield "reply text", words in mail.reply_text
    for words in expected.get("reply_text_lacks", []):
        yield "reply text", words not in mail.reply_text
    if "text" in expected:
        yield "text", same(mail.text, expected["text"])
    if "subject" in expected and kind == "parse":
        yield "subject", mail.subject == expected["subject"]


def of_flufl(mail: Mail, expected: dict[str, Any], kind: str) -> Iterator[tuple[str, bool]]:
    wanted = sorted(address.lower() for address in expected["failed"] or expected["delayed"])
    if wanted:
        found = mail.bounce.recipients if mail.bounce else ()
        yield "addresses that failed", sorted(address.lower() for address in found) == wanted
        if mail.bounce:
            yield "failed for good or delayed", mail.bounce.permanent == bool(expected["failed"])


def of_sisimai(mail: Mail, expected: Any, kind: str) -> Iterator[tuple[str, bool]]:
    if kind != "bounce" or not mail.bounce:
        return
    statuses = [one["status"] for one in expected]
    if any(re.match(r"[45]\.0\.(?:0|9\d\d)\Z", status) for status in statuses):
        yield "class of a status that nobody gave", mail.bounce.status[:1] == statuses[0][:1]
    else:
        yield "enhanced status", mail.bounce.status in statuses
    if any(one["hard_bounce"] for one in expected):
        yield "hard bounce is permanent", mail.bounce.permanent


ASKED: dict[str, Callable[[Mail, Any, str], Iterator[tuple[str, bool]]]] = {
    "stalwart": of_stalwart,
    "talon": of_reply,
    "glpi": of_reply,
    "django_helpdesk": of_reply,
    "flufl_bounce": of_flufl,
    "sisimai": of_sisimai,
}


def bodies_of(mail: Mail) -> Iterator[str]:
    """The text from each of its paragraphs on, for the answers that stand in a later part."""
    paragraphs = mail.text.split("\n")
    for index in range(len(paragraphs)):
        yield "\n".join(paragraphs[index:])


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def same(found: str, wanted: str) -> bool:
    return squeezed(found) == squeezed(wanted)


def alike(found: str, wanted: str) -> bool:
    """Equal, where a replacement character in what is wanted stands for a letter that its parser could not read."""
    pattern = "".join("." if char == "\ufffd" else re.escape(char) for char in squeezed(wanted))
    return re.fullmatch(pattern, squeezed(found)) is not None


def people(several: list[dict[str, Any]]) -> list[tuple[Any, Any]]:
    return [(Readable(one["name"] or ""), Readable(one["address"] or "")) for one in several]


class Readable(str):
    """A name that is equal to another if it is alike."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and alike(other, self)

    __hash__ = str.__hash__
