"""What is printed for who leads: made in a process of its own, or a page that says what to do without (SOP H1)."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from forthwith.people.rates import Limit
from forthwith.ui.gate import person_of
from forthwith.ui.printing import LONGEST_S, Busy, NotPrinted, NotThere, printed

LIMIT = Limit(30)
"""PDFs that one person may take in ten minutes."""


@dataclass(frozen=True, slots=True)
class Instead:
    """What to do where nothing is printed: a sentence, the address of another file, its name, and that of the page."""

    says: str
    file: str
    called: str
    page: str


def as_pdf(
    request: HttpRequest, content: Callable[[], dict[str, Any]], template: Path, name: str, instead: Instead
) -> HttpResponse:
    """The PDF that the template makes of the content, to be saved by that name."""
    if not LIMIT.allows(str(person_of(request).pk), at=time.monotonic()):
        return render(request, "429.html", status=429)
    try:
        made = printed(content(), template, instead=instead.says)
    except NotThere as missing:
        return _refused(request, str(missing), instead, 501)
    except NotPrinted as failed:
        refused = _refused(request, str(failed), instead, 503)
        if isinstance(failed, Busy):
            refused.headers["Retry-After"] = str(LONGEST_S)
        return refused
    answer = HttpResponse(made, content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _refused(request: HttpRequest, sentence: str, instead: Instead, status: int) -> HttpResponse:
    return render(request, "floor/not_printed.html", {"sentence": sentence, "instead": instead}, status=status)
