"""Where in a ticket the words are: a line of the message that has them, and which of its words to point out.

What is returned are pieces of the text as it was written, each with whether it was asked for: to escape and to mark
them is for whoever shows them. Every step is linear in the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import reduce
from operator import or_
from typing import Any

from django.db import connection
from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import RowNumber, Substr

from forthwith.people.prepared import Place, Prepared
from forthwith.people.words import folded, unspaced
from forthwith.record.models import Message, Ticket

Wanted = Sequence[tuple[tuple[str, ...], bool]]
"""Rows of words, each with whether its last one is a beginning."""
Pieces = list[tuple[str, bool]]
LENGTH = 170
MOST_TICKETS, MOST_MESSAGES, MOST_CHARACTERS = 20, 8, 8000
"""What is read at once to find the lines: of so many tickets the latest messages, and how much of each."""
_BEFORE = 40
_WORD = re.compile(r"[^\W_]+")
_BLANK = re.compile(r"\s+")
_CHUNK = 400


def snippets(tickets: Sequence[Ticket], wanted: Wanted, *, with_notes: bool) -> dict[int, Pieces]:
    """For each ticket that has one, a line with the words; else the first words of its latest message."""
    found: dict[int, Pieces] = {}
    begun: dict[int, Pieces] = {}
    for number, text in _texts([ticket.pk for ticket in tickets], with_notes=with_notes):
        begun.setdefault(number, [(_line(text[: 2 * LENGTH])[:LENGTH], False)])
        if number not in found and (line := line_of(text, wanted)):
            found[number] = line
    return begun | found


def _texts(numbers: Sequence[int], *, with_notes: bool) -> Iterator[tuple[int, str]]:
    kinds = [Message.PUBLIC, *((Message.INTERNAL, Message.SYSTEM) if with_notes else (Message.PUBLIC,) * 2)]
    for start in range(0, len(numbers), MOST_TICKETS):
        some = numbers[start : start + MOST_TICKETS]
        # Filled up to as many as the statement was composed for.
        sql, values = _LATEST.statement(*some, *[0] * (MOST_TICKETS - len(some)), *kinds)
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            yield from cursor.fetchall()


def _latest() -> QuerySet[Any]:
    """The latest messages of each of MOST_TICKETS tickets, of three kinds: what each begins with."""
    tickets, kinds = range(MOST_TICKETS), range(MOST_TICKETS, MOST_TICKETS + 3)
    any_of = reduce(or_, (Q(ticket=Place(place)) for place in tickets))
    chosen = Message.objects.filter(any_of, kind__in=[Place(place) for place in kinds])
    latest = Window(RowNumber(), partition_by=F("ticket"), order_by=[F("written_at").desc(), F("pk").desc()])
    rows = chosen.annotate(place=latest, said=Substr("text", 1, MOST_CHARACTERS)).filter(place__lte=MOST_MESSAGES)
    return rows.order_by("ticket", "place").values_list("ticket", "said")


_LATEST: Prepared[Any] = Prepared(_latest)


def line_of(text: str, wanted: Wanted) -> Pieces:
    """The first line that has one of the rows of words, cut to its surroundings; nothing where none has."""
    firsts = [_whole(row) if unspaced(row[0]) else row[0] for row, _ in wanted]
    plain = folded(text)
    if not any(first in plain for first in firsts):
        return []
    for chunk in _chunks(text):
        pieces = marked(chunk, wanted)
        if any(hit for _, hit in pieces):
            return _cut(pieces)
    return []


def marked(text: str, wanted: Wanted) -> Pieces:
    """The text in pieces, those apart that were asked for."""
    text = unicodedata.normalize("NFC", text)
    spans = _spans(text, wanted)
    pieces: Pieces = []
    place = 0
    for start, end in spans:
        if start > place:
            pieces.append((text[place:start], False))
        pieces.append((text[max(start, place) : end], True))
        place = max(place, end)
    if place < len(text):
        pieces.append((text[place:], False))
    return [piece for piece in pieces if piece[0]]


def _spans(text: str, wanted: Wanted) -> list[tuple[int, int]]:
    tokens = [(folded(match[0]), match.start(), match.end()) for match in _WORD.finditer(text)]
    spans: list[tuple[int, int]] = []
    for row, begins in wanted:
        if unspaced(row[0]):
            spans += _inside(tokens, _whole(row))
            continue
        for place, (_, start, _) in enumerate(tokens):
            held = tokens[place : place + len(row)]
            if len(held) == len(row) and _alike([word for word, *_ in held], row, begins):
                spans.append((start, held[-1][2]))
    return sorted(spans)


def _alike(held: Sequence[str], row: Sequence[str], begins: bool) -> bool:
    if any(word != asked for word, asked in zip(held[:-1], row[:-1], strict=True)):
        return False
    return held[-1].startswith(row[-1]) if begins else held[-1] == row[-1]


def _inside(tokens: Sequence[tuple[str, int, int]], asked: str) -> Iterator[tuple[int, int]]:
    """Where a row of characters stands in words that are not parted by blanks."""
    for word, start, end in tokens:
        # Where folding changes the length, the whole word is pointed out.
        at = word.find(asked)
        while at >= 0:
            yield (start + at, start + at + len(asked)) if len(word) == end - start else (start, end)
            at = word.find(asked, at + len(asked))


def _whole(pairs: Sequence[str]) -> str:
    """The text that overlapping pairs of characters were cut from."""
    return "".join(pair[0] for pair in pairs[:-1]) + pairs[-1]


def _chunks(text: str) -> Iterator[str]:
    """The text in lines of about _CHUNK characters, parted at blanks, each with the end of the one before."""
    plain, place = _line(text), 0
    while place < len(plain):
        end = plain.rfind(" ", place + _CHUNK // 2, place + _CHUNK)
        end = end if end > 0 else place + _CHUNK
        yield plain[max(0, place - _BEFORE) : end]
        place = end


def _line(text: str) -> str:
    return _BLANK.sub(" ", text).strip()


def _cut(pieces: Pieces) -> Pieces:
    """The surroundings of the first word that was asked for, at most LENGTH characters and whole words."""
    before = "" if pieces[0][1] else pieces[0][0]
    rest = pieces if pieces[0][1] else pieces[1:]
    if len(before) > _BEFORE:
        tail = before[-_BEFORE:]
        before = "… " + (tail.partition(" ")[2] or tail)
    cut: Pieces = [(before, False)] if before else []
    left = LENGTH - len(before)
    for text, hit in rest:
        if len(text) > left:
            kept = text[: max(0, left)]
            cut.append(((kept if hit else kept.rpartition(" ")[0] or kept) + " …", hit and bool(kept)))
            break
        cut.append((text, hit))
        left -= len(text)
    return cut
