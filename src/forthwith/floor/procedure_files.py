"""The procedure to take away: as PDF to read and to print, and as the YAML that was installed (SOP H1)."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from forthwith.floor.kept import NOT_COUNTED, lately
from forthwith.floor.manual import chapters
from forthwith.floor.paper import Instead
from forthwith.floor.paper import as_pdf as printed_as_pdf
from forthwith.floor.procedure import in_force, revision_or_404
from forthwith.record import procedures
from forthwith.record.models import Revision
from forthwith.ui import times
from forthwith.ui.gate import EVERYBODY, page_for
from forthwith.ui.printing import cleaned

TEMPLATE = Path(__file__).with_name("procedure.typ")


@require_safe
@page_for(*EVERYBODY)
def as_pdf(request: HttpRequest) -> HttpResponse:
    """The procedure in force, or `?revision=`, for people; a sentence says what it takes where nothing is printed."""
    found = _asked(request)
    instead = Instead(
        _("Save the procedure as YAML, or print its page from the browser."),
        f"{reverse('floor:procedure-yaml')}?revision={found.pk}",
        _("Save as YAML"),
        reverse("floor:procedure"),
    )
    now = timezone.now()
    return printed_as_pdf(request, lambda: paper(found, now), TEMPLATE, f"procedure-{found.pk}.pdf", instead)


@require_safe
@page_for(*EVERYBODY)
def as_yaml(request: HttpRequest) -> HttpResponse:
    """The same as it was installed, its comments too."""
    found = _asked(request)
    answer = HttpResponse(procedures.text_of(found.pk), content_type="application/yaml; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="procedure-{found.pk}.yaml"'
    return answer


def paper(revision: Revision, now: datetime) -> dict[str, Any]:
    """What stands on the printed procedure, as plain text in JSON-able form: `procedure.typ` lays it out."""
    procedure = procedures.load(revision.pk)
    latest = in_force()
    kept = lately(procedure, now, linked=False) if latest and latest.pk == revision.pk else NOT_COUNTED
    shown: dict[str, Any] = {
        "language": get_language() or "en",
        "title": procedure.title,
        "version": _("Version %(version)s") % {"version": procedure.version},
        "revision": _standing(revision, now),
        "printed": times.exact(now),
        "labels": _labels(),
        "chapters": [asdict(chapter) for chapter in chapters(procedure, timezone.localdate(now), kept)],
    }
    return {**cleaned(shown), "replaced": []}


def _standing(revision: Revision, now: datetime) -> str:
    said = {"number": revision.pk, "since": times.plain(revision.effective_at)}
    if revision.called_off:
        return _("Revision %(number)d, called off before it was in force") % said
    if revision.effective_at > now:
        return _("Revision %(number)d, in force from %(since)s") % said
    return _("Revision %(number)d, installed %(since)s") % said


def _labels() -> dict[str, str]:
    return {
        "contents": _("Contents"),
        "page": _("Page"),
        "of": _("of"),
        "open": _("open"),
        "closed": _("closed"),
        "holiday": _("holiday"),
        "special": _("hours of its own"),
        "replaced": _(
            "Letters that no font on this desk's machine has are shown as boxes, and pictures by their name:"
        ),
    }


def _asked(request: HttpRequest) -> Revision:
    """The revision that is asked for, else the one in force; 404 where there is none."""
    asked = request.GET.get("revision", "")
    if asked:
        return revision_or_404(int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else 0)
    found = in_force()
    if found is None:
        raise Http404("no procedure")
    return found
