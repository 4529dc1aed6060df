"""What is new in a reply, told from the history that it quotes and from the signature (SOP 1.2).

Each line is looked at a bounded number of times and never more than its first characters, so the time grows with the
length of the mail and with nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from forthwith.channels.email.charsets import legible
from forthwith.channels.email.reply_words import (
    ABOVE_LINE,
    ADDRESS,
    ANY_KEY,
    BELOW_LINE,
    DATED,
    DAY_TIME,
    DEVICE,
    ENDS_ATTRIBUTION,
    ENDS_WITH_ADDRESS,
    FOOTER_RULE,
    FORWARD_LINE,
    FULL_DATE,
    GROUPWISE,
    HEADER_KEY,
    LEAD_IN,
    OUTLOOK_APP,
    QUOTING,
    SAME_LINE,
    SENT_FROM,
    SENT_WITH_EXCUSE,
    SEPARATOR,
    SIGNATURE,
    WROTE,
)

_LOOK = 300
_SPAN = 5
_MAX_LINES = 10_000
_SIGNATURE_LINES = 25
_DASHES = "-‐‑_=—–* \t:"
_QUOTED = re.compile(r"[ \t]{0,3}>|[ \t]{0,3}\|[ \t]")
_RULE = re.compile(r"[\s>*]*(?:[-_=*—]{2,}|- -)?[\s*]*\Z")


class _Segment(NamedTuple):
    """Consecutive lines of one kind: written here, or quoted (with the line that introduces the quote)."""

    quoted: bool
    lines: list[str]
    introduced: bool = False


def new_part(text: str) -> str:
    """The part of `text` that its sender wrote now.

    Answers written between quoted lines are kept together with the lines they answer; a quote with everything new
    above or everything new below it is left out. A mail that has nothing new above its history is a forward, and
    returned whole.
    """
    lines = _between_markers([*_apart(legible(text).split("\n"))])
    segments, history = _segments(lines)
    found = _joined(segments)
    if found or not history:
        return found
    return "\n".join(lines).strip()


def _apart(lines: list[str]) -> Iterator[str]:
    """The lines, with an introduction that stands behind somebody's words on a line of its own."""
    for line in lines:
        shared = len(line) < _LOOK and line.rstrip().endswith("wrote:") and SAME_LINE.match(line)
        if shared and not _QUOTED.match(line):
            yield from (shared["new"], shared["introduction"])
        else:
            yield line


def _between_markers(lines: list[str]) -> list[str]:
    """Cut what stands between "write above this line" and "write under this line", when both are unquoted."""
    for index, line in enumerate(lines):
        if len(line) < _LOOK and not _QUOTED.match(line) and ABOVE_LINE.search(line):
            below = [
                at
                for at, later in enumerate(lines[index + 1 :], index + 1)
                if len(later) < _LOOK and not _QUOTED.match(later) and BELOW_LINE.search(later)
            ]
            under = lines[below[-1] + 1 :] if below else []
            above = lines[:index]
            if any(line.strip() for line in above) or any(line.strip() for line in under):
                return [*above, "", *under]
    return lines


def _segments(lines: list[str]) -> tuple[list[_Segment], bool]:
    """The segments, and whether an unquoted history ended them."""
    segments: list[_Segment] = []
    current: list[str] = []
    index = 0
    quoted_below = _next_quoted(lines)
    while index < len(lines):
        line = lines[index]
        if _QUOTED.match(line):
            if GROUPWISE.match(line[:_LOOK]) and not quoted_below[index + 1]:
                segments.append(_Segment(False, current))
                return segments, True
            index = _take_quote(lines, index, current, segments, introduced=False)
            current = []
            continue
        examined = index < _MAX_LINES and line and not line.isspace()
        length = _history_at(lines, index, quoted_below) if examined else 0
        if length < 0:
            start = index + length + 1
            current = current[: len(current) - (index - start)]
            if not quoted_below[index + 1]:
                segments.append(_Segment(False, current))
                return segments, True
            index = _take_quote(lines, index + 1, current, segments, introduced=True)
            current = []
            continue
        if length > 0:
            segments.append(_Segment(False, current))
            return segments, True
        current.append(line)
        index += 1
    segments.append(_Segment(False, current))
    return segments, False


def _take_quote(lines: list[str], index: int, before: list[str], segments: list[_Segment], *, introduced: bool) -> int:
    segments.append(_Segment(False, before))
    quote: list[str] = []
    while index < len(lines):
        line = lines[index]
        if line.strip() and not _QUOTED.match(line) and not _is_wrapped(lines, index):
            break
        quote.append(line)
        index += 1
    segments.append(_Segment(True, quote, introduced))
    return index


def _is_wrapped(lines: list[str], index: int) -> bool:
    """Whether the line is the end of the quoted line above it, wrapped on its way without a new mark."""
    above, line = lines[index - 1], lines[index]
    below = lines[index + 1] if index + 1 < len(lines) else ""
    if not (_QUOTED.match(above) and _QUOTED.match(below)):
        return False
    # An address of a page that was too long for one line, or the rest of it.
    is_rest = "://" in line[:20] or above.count("(") > above.count(")") or above.count("<") > above.count(">")
    if is_rest and len(line.split()) <= 2 and len(line) < _LOOK:
        return True
    return len(above) >= 60 and line[:1].islower() and len(line) < 80


def _next_quoted(lines: list[str]) -> list[bool]:
    """For each line whether the first line with anything in it, from there on, is a quoted one."""
    found = [False] * (len(lines) + 2)
    for index in range(len(lines) - 1, -1, -1):
        line = lines[index]
        found[index] = bool(_QUOTED.match(line)) or (found[index + 1] and not line.strip())
    return found


def _history_at(lines: list[str], index: int, quoted_below: Sequence[bool]) -> int:
    """What begins or ends at this line: 1 an unquoted history, -n an introduction of n lines ending here, 0 nothing."""
    line = lines[index][:_LOOK]
    if _is_separator(line) or QUOTING.match(line) or _is_header_block(lines, index):
        return 1
    if len(lines[index]) > _LOOK:
        return 0
    return -_introduction(lines, index, quoted=quoted_below[index + 1])


def _is_separator(line: str) -> bool:
    text = line.strip()
    inside = text.strip(_DASHES)
    dashed = len(inside) <= 80 and text[:2].strip(_DASHES) == "" and text[-2:].strip(_DASHES) == ""
    return bool((dashed and inside and SEPARATOR.search(inside)) or FORWARD_LINE.match(line))


def _introduction(lines: list[str], index: int, *, quoted: bool) -> int:
    """How many lines, ending at `index`, say "on that day somebody wrote:"; 0 when they do not."""
    last = lines[index].rstrip()
    if last.lstrip().startswith("--") and DATED.search(last) and WROTE.search(last):
        return 1
    if not ENDS_ATTRIBUTION.search(last[-40:]) and not WROTE.search(last[-12:]):
        return 0
    span = _joinable(lines, index)
    whole = " ".join(span)
    if not quoted and not DATED.search(whole) and not ADDRESS.search(whole):
        return 0
    for length in range(1, len(span) + 1):
        if _introduces(" ".join(span[-length:]), quoted=quoted):
            return _extended(lines, index, length)
    return 0


def _joinable(lines: list[str], index: int) -> list[str]:
    """The lines up to `index` that could be one wrapped sentence, at most five."""
    start = index
    while start > max(0, index - _SPAN + 1):
        above = lines[start - 1]
        if not above.strip() or len(above) > _LOOK or _QUOTED.match(above):
            break
        start -= 1
    return [line.strip() for line in lines[start : index + 1]]


def _introduces(joined: str, *, quoted: bool) -> bool:
    if len(joined) > 2 * _LOOK:
        return False
    tail = joined.rstrip()
    colon = tail.rstrip("* ").endswith((":", "："))
    dated, addressed = bool(DATED.search(joined)), bool(ADDRESS.search(joined))
    if WROTE.search(joined):
        if not colon and not quoted:
            return dated and addressed and bool(LEAD_IN.match(joined))
        said_last = bool(WROTE.search(joined[-20:])) and len(joined) < 120
        return dated or addressed or (quoted and (said_last or bool(LEAD_IN.match(joined))))
    # Without a known verb only the shape is left: a date and an address, or a dated line right over a quote.
    if not colon and not (quoted and tail.endswith(">")):
        return False
    if quoted and addressed and len(joined) < 160:
        return True
    return dated and addressed and bool(quoted or LEAD_IN.match(joined) or ENDS_WITH_ADDRESS.search(tail))


def _extended(lines: list[str], index: int, length: int) -> int:
    """Take in the lines above that belong to the same sentence, when it does not begin with its date yet."""
    first = lines[index - length + 1][:_LOOK]
    if LEAD_IN.match(first) and FULL_DATE.search(first):
        return length
    found = length
    undated = not any(DATED.search(line[:_LOOK]) for line in lines[index - length + 1 : index + 1])
    for longer in range(length + 1, _SPAN + 1):
        at = index - longer + 1
        if at < 0 or not lines[at].strip() or _QUOTED.match(lines[at]):
            break
        line = lines[at][:_LOOK]
        begins = bool(LEAD_IN.match(line) and re.search(r"\d", line))
        # Wrapped before its verb, in a language whose sentence begins with a weekday or the name.
        begins = begins or bool(longer == 2 and DATED.search(line) and ADDRESS.search(line))
        # Or before its name: the sentence has no date yet, and this line has a whole one.
        begins = begins or bool(undated and FULL_DATE.search(line) and DAY_TIME.search(line))
        if begins and not re.search(r"[.!?]\s*\Z", line):
            found = longer
            if FULL_DATE.search(line):
                break
    return found


def _is_header_block(lines: list[str], index: int) -> bool:
    """From, Sent, To, Subject in any listed language, or four lines of that shape in another."""
    first = HEADER_KEY.match(lines[index][:_LOOK])
    if not first and not (ADDRESS.search(lines[index][:_LOOK]) and ANY_KEY.match(lines[index][:_LOOK])):
        return False
    kinds: set[str] = set()
    block: list[str] = []
    keyed = 0
    for line in lines[index : index + 9]:
        if not line.strip():
            # Some clients leave a line empty below the first field, but none below a subject that comes first.
            if len(block) > 1 or (block and "subject" in kinds):
                break
            continue
        key = HEADER_KEY.match(line[:_LOOK])
        if key and key.lastgroup:
            kinds.add(key.lastgroup)
        keyed += bool(len(block) < 5 and (key or ANY_KEY.match(line[:_LOOK])))
        block.append(line[:_LOOK])
    told = " ".join(block)
    if first and {"sender", "date"} & kinds:
        # Without address and subject it is somebody's list: from Berlin, to Paris, on that date.
        plausible = bool(ADDRESS.search(told)) or ("subject" in kinds and bool(DATED.search(told)))
        if len(kinds) >= 3 or (len(kinds) == 2 and plausible and first.lastgroup in ("sender", "date")):
            return plausible or len(kinds) >= 4
    return _shaped_like_headers(block, keyed)


def _shaped_like_headers(block: list[str], keyed: int) -> bool:
    if keyed < 4 or any(len(line) > 200 for line in block[:2]):
        return False
    # An address alone stands in forms that people fill in; mail clients put it behind the name, in brackets.
    named = any(mark in block[0][: found.start()] for mark in "<[(") if (found := ADDRESS.search(block[0])) else False
    return bool(named and DATED.search(block[1]) and DAY_TIME.search(block[1]))


def _joined(segments: list[_Segment]) -> str:
    """Put together what is new: see `new_part` for which quotes stay."""
    kept: list[_Segment] = []
    for segment in segments:
        lines = segment.lines if segment.quoted else _without_signature(segment.lines)
        if any(line.strip() for line in lines):
            kept.append(segment._replace(lines=lines))
    while kept and kept[-1].quoted:
        kept.pop()
    quotes = sum(segment.quoted for segment in kept)
    if quotes == 1 and kept[0].quoted:
        kept = kept[1:]
    blocks = ["\n".join(segment.lines).strip("\n") for segment in kept]
    return "\n\n".join(block.rstrip() for block in blocks).strip()


def _without_signature(lines: list[str]) -> list[str]:
    lines = list(lines)
    while lines and _RULE.match(lines[-1][:_LOOK]) and len(lines[-1]) < _LOOK:
        lines.pop()
    for index, line in enumerate(lines):
        if len(line) > _LOOK:
            continue
        if SIGNATURE.match(line) and _may_be_signature(lines, index):
            return _without_rules(lines[:index])
        if FOOTER_RULE.match(line) and _is_list_footer(lines, index):
            return _without_rules(lines[:index])
        if _is_sent_from(lines, index):
            rest = lines[index + 1 :] if not any(before.strip() for before in lines[:index]) else []
            return _without_rules(lines[:index]) + rest
    return lines


def _without_rules(lines: list[str]) -> list[str]:
    while lines and _RULE.match(lines[-1][:_LOOK]):
        lines.pop()
    return lines


def _may_be_signature(lines: list[str], index: int) -> bool:
    if lines[index].rstrip("\t\xa0").strip(" ") == "--":
        return True
    return len(lines) - index <= _SIGNATURE_LINES


def _is_list_footer(lines: list[str], index: int) -> bool:
    rest = [line for line in lines[index + 1 : index + 13] if line.strip()]
    if not rest or len(lines) - index > 12:
        return False
    return any(re.search(r"mailing list|listinfo|unsubscribe|list-?serv", line[:_LOOK], re.IGNORECASE) for line in rest)


def _is_sent_from(lines: list[str], index: int) -> bool:
    said = SENT_FROM.match(lines[index][:_LOOK])
    line = re.sub(r"<[^<>]*>|\[[^\[\]]*\]|\(?https?://\S*", "", lines[index][:_LOOK]).strip()
    if len(line) > 90 or not (said or (OUTLOOK_APP.match(line) and len(line.split()) <= 9)):
        return False
    set_off = not index or _RULE.match(lines[index - 1][:_LOOK])
    last = all(_RULE.match(below[:_LOOK]) for below in lines[index + 1 : index + 2])
    if not set_off and not (last and DEVICE.search(line)):
        return False
    if SENT_WITH_EXCUSE.match(line):
        return True
    # A sentence about something sent has a comma, or goes on for long.
    return not re.search(r"[,;?!]|\.\s", line) and len(line.split()) <= (12 if set_off else 7)
