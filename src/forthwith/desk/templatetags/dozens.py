"""What a page of the desk holds by the dozen, drawn here as `ui/drawn.py` draws its marks: rows, proofs, facts.

A page has to be ready in milliseconds, and a template takes several times as long for the same words.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from django import template
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from forthwith.desk.deeds import DEEDS, Deed
from forthwith.desk.history import Line
from forthwith.desk.panels import Stretch, SubStep
from forthwith.desk.rows import Row
from forthwith.desk.search import HitRow
from forthwith.desk.sheet import Sheet
from forthwith.record.search.snippets import Pieces
from forthwith.ui import drawn
from forthwith.ui.filled import filled, joined
from forthwith.ui.said import spoken
from forthwith.ui.times import with_day

register = template.Library()

_ROW = """<li class="row{}" id="row-{}" data-version="{}">
  {}{}
  <a class="subject" href="{}" data-row dir="auto">{}</a>
  <span class="about">#{}{}{}{}{}{}</span>
  {}
  <span class="owner">{}</span>
  <a class="peek" href="{}" data-peek tabindex="-1" title="{}" aria-label="{}">{}</a>
</li>
"""
_HIT = """<li{}><a class="hit" href="{}"{}>
  {}
  <span class="subject" dir="auto">{}</span>
  <span class="line" dir="auto">{}</span>
  <span class="about">#{} · {} · {}{}</span>
</a></li>
"""
_OPTION = ' role="option" tabindex="-1" id="{}-{}"'
_PICK = '<input type="checkbox" class="pick" name="row" value="{}:{}" form="bulk" aria-label="{}">'
_TAG = ' <span class="label">{}</span>'
_PROVED = """<div class="sub">
  <p><b>{}</b> <span class="quiet">{}</span></p>
  <p class="line-up">{}{}</p>
  <p>{}</p>
  {}
</div>
"""
MOST_PROOFS = 20
"""How many of the facts that prove a step are named beside the conversation."""
_PROOF = '<a href="{}#fact-line-{}" title="{} {}">{}</a>'
_FACT = """<li id="fact-line-{}"><span class="quiet">{}</span>\
<span><b>{}</b> {}{} <span class="quiet">· {}{}{}</span></span></li>
"""


@register.filter
@lru_cache(maxsize=4096)
def ticket_at(number: int | str) -> str:
    """The address of the ticket's page on the desk; kept, because to work one out takes longer than to show a row."""
    return reverse("desk:ticket", kwargs={"number": number})


_OPENS = (
    '<a class="button{}" id="do-{}" href="{}" hx-get="{}" hx-target="#act-sheet" hx-swap="innerHTML" '
    'aria-haspopup="dialog"{}>{}</a>'
)
_BY_LETTER = ' data-key="{}" title="{} ({})"'


@register.simple_tag
def opens(deed: Deed, number: int, inside_menu: bool = False) -> str:
    """What opens the form of a deed: a link that htmx leads into the sheet."""
    return _opens(deed.key, number, inside_menu, get_language())


@lru_cache(maxsize=8192)
def _opens(key: str, number: int, inside_menu: bool, _language: str | None) -> str:
    at, deed = reverse("desk:act", kwargs={"number": number, "key": key}), DEEDS[key]
    label = str(deed.label)
    letter = filled(_BY_LETTER, deed.letter, label, deed.letter.upper()) if deed.letter else ""
    return filled(_OPENS, " plain" if inside_menu else "", key, at, at, letter, label)


_STRETCH = """<li data-counted="{}" data-why="{}"><span class="quiet">{}</span>\
<span>{} <span class="quiet">{}</span></span></li>
"""


@register.simple_tag
def stretch(span: Stretch, now: datetime) -> str:
    """A stretch of a clock's time: from when to when, whether it counted, and why."""
    between = _("%(start)s to %(end)s") % {"start": with_day(span.start, now), "end": with_day(span.end, now)}
    counted = _("counted %(length)s") % {"length": span.lasted} if span.counted else _("not counted")
    return filled(_STRETCH, "yes" if span.counted else "no", span.kind, between, counted, span.why)


class _Words(NamedTuple):
    """What every row says, worked out once for a language."""

    look: str
    look_into: str
    peek: str
    select: str
    missing: str


@lru_cache
def _words(language: str | None) -> _Words:
    return _Words(
        look=_("Look into it (Space)"),
        look_into=_("Look into #{}"),
        peek=_("Peek"),
        select=_("Select #{}"),
        missing=_("details missing"),
    )


@register.filter
def as_row(row: Row) -> str:
    """A ticket in a list."""
    words = _words(get_language())
    status = "" if row.usual else filled(" · <b>{}</b>", row.status)
    alarm = filled(' · <b class="alarm">{}</b>', row.alarm) if row.alarm else ""
    tags = joined((filled(_TAG, tag) for tag in row.tags), "") if row.tags else ""
    missing = f" · {words.missing}" if row.missing else ""
    about = "".join(f" · {text}" for text in (row.who, row.about) if text)
    return filled(
        _ROW,
        *(" mine" if row.mine else "", row.number, row.version),
        filled(_PICK, row.number, row.version, words.select.format(row.number)) if row.pick else "",
        drawn.clock(row.face),
        *(ticket_at(row.number), row.subject),
        *(row.number, about, status, missing, alarm, tags),
        *(drawn.priority(row.rank) if row.rank else "", row.owner),
        *(f"{ticket_at(row.number)}peek/", words.look, words.look_into.format(row.number), words.peek),
    )


@register.simple_tag
def as_hit(hit: HitRow, dialog: bool, named: str = "hit") -> str:
    """A ticket that was found, in the dialog as an option of its list; what its id begins with is its name there."""
    row = hit.row
    status = filled("<b>{}</b>", row.status)
    return filled(
        _HIT,
        filled(' role="none"') if dialog else "",
        ticket_at(row.number),
        filled(_OPTION, named, row.number) if dialog else "",
        *(drawn.clock(row.face), _pointed_out(hit.subject), _pointed_out(hit.line)),
        *(row.number, row.who, status, filled(" · {}", row.owner)),
    )


def _pointed_out(pieces: Pieces) -> str:
    """What was asked for in marks. Each piece is escaped by itself, so that nothing in a text can be a mark."""
    return joined((filled("<mark>{}</mark>" if hit else "{}", text) for text, hit in pieces), "")


@register.simple_tag
def as_proof(line: SubStep, now: datetime, sheet: Sheet) -> str:
    """A line of the SOP with its verdict, when, by whom, and the facts that prove it, here or in the whole history."""
    verdict, when = line.verdict, ""
    if verdict.at:
        when = filled('<span class="quiet">{} · {}</span>', drawn.moment(verdict.at, now), line.by)
    elif verdict.due:
        when = filled('<span class="quiet">{}</span>', filled(_("due {}"), drawn.moment(verdict.due, now)))
    proof = ""
    if line.proof:
        first = line.proof[:MOST_PROOFS]
        facts = joined((filled(_PROOF, _place(f, sheet), f.number, f.who, f.says, f.number) for f in first), ", ")
        left = len(line.proof) - len(first)
        said = ngettext("Proved by fact {}", "Proved by facts {}", len(line.proof))
        proof = filled(_("Proved by facts {} and {} more"), facts, left) if left else filled(said, facts)
        proof = filled('<p class="quiet">{}</p>', proof)
    return filled(_PROVED, verdict.step, line.text, drawn.mark(verdict.outcome), when, spoken(verdict.why), proof)


def _place(proof: Line, sheet: Sheet) -> str:
    """Where a fact is read that is too old for the page itself."""
    beside = proof.number >= sheet.latest_lines[0].number
    return "" if beside else f"{ticket_at(sheet.ticket.number)}history/?before={proof.number + 1}"


@register.simple_tag
def as_fact(line: Line, now: datetime, revision: int) -> str:
    """A fact in the history: who did what, when, and when it was written down if that was later."""
    reason = filled(' <span class="quiet">({})</span>', line.reason) if line.reason else ""
    noted = filled(_(", written down {}"), drawn.moment(line.noted_at, now)) if line.noted_later else ""
    under = _(", revision {}").format(line.revision) if line.revision != revision else ""
    moment = drawn.moment(line.at, now)
    return filled(_FACT, line.number, line.number, line.who, line.says, reason, moment, noted, under)
