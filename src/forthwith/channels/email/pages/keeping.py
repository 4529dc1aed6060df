"""The connected mailboxes: how each stands, and pausing, resuming and removing it (SOP 1.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from forthwith.channels.email import connect, sign_in_watch
from forthwith.procedure.lifecycle import ADMINISTRATOR
from forthwith.procedure.model import Procedure
from forthwith.record import mailboxes as kept
from forthwith.record import procedures
from forthwith.record.mailboxes import Mailbox
from forthwith.ui.gate import page_for
from forthwith.ui.times import length

PAGE = 25
_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Line:
    """A mailbox as the list shows it. `ends` is said of a sign-in that somebody has been warned of."""

    box: Mailbox
    lag: str
    ends: datetime | None
    refused: str
    security: str

    @property
    def unwell(self) -> bool:
        """Whether somebody has to look at it."""
        return self.box.standing == "failing" or bool(self.refused)


@require_safe
@page_for(ADMINISTRATOR)
def mailboxes(request: HttpRequest) -> HttpResponse:
    """Every mailbox with its state, by name."""
    now, after = timezone.now(), request.GET.get("after", "")[:120].replace("\0", "")
    found, procedure = kept.page(after, PAGE + 1), procedures.current_or_none()
    context = {
        "now": now,
        "after": after,
        "lines": [_line(box, procedure, now) for box in found[:PAGE]],
        "more": found[PAGE - 1].name if len(found) > PAGE else "",
    }
    return render(request, "mailboxes/list.html", context)


@require_POST
@page_for(ADMINISTRATOR)
def pause(request: HttpRequest, number: int) -> HttpResponse:
    """Leave a mailbox alone for a while."""
    box = box_or_404(number)
    if connect.pause(box, timezone.now()):
        said = _("%(mailbox)s is paused. What comes to it waits there, and is fetched when it is resumed.")
        messages.success(request, said % {"mailbox": box})
    return redirect("mailboxes")


@require_POST
@page_for(ADMINISTRATOR)
def resume(request: HttpRequest, number: int) -> HttpResponse:
    """Fetch it again."""
    box = box_or_404(number)
    if kept.resume(number, timezone.now()):
        messages.success(request, _("%(mailbox)s is fetched again.") % {"mailbox": box})
    return redirect("mailboxes")


@require_http_methods(["GET", "HEAD", "POST"])
@page_for(ADMINISTRATOR)
def remove(request: HttpRequest, number: int) -> HttpResponse:
    """Ask once more, then forget it; what was fetched stays."""
    box = box_or_404(number)
    if request.method != "POST":
        return render(request, "mailboxes/remove.html", {"box": box})
    connect.remove(box, timezone.now())
    messages.success(request, _("%(mailbox)s is not fetched any more.") % {"mailbox": box})
    return redirect("mailboxes")


@require_safe
@page_for(ADMINISTRATOR)
def importing(request: HttpRequest, number: int) -> HttpResponse:
    """How far a silent import is: a part of the list that renews itself while it goes on."""
    return render(request, "mailboxes/import.html", {"box": box_or_404(number), "now": timezone.now()})


@require_POST
@page_for(ADMINISTRATOR)
def stop_import(request: HttpRequest, number: int) -> HttpResponse:
    """End a silent import where it stands."""
    box = box_or_404(number)
    if kept.stop_import(number, timezone.now()):
        said = _("The import of %(mailbox)s is stopped. What it has brought stays.")
        messages.success(request, said % {"mailbox": box})
    return redirect("mailboxes")


def box_or_404(number: int) -> Mailbox:
    """The mailbox of that number. These pages are for administrators, who may see each."""
    box = Mailbox.objects.filter(pk=number).first() if number <= _LARGEST else None
    if box is None:
        raise Http404("no such mailbox")
    return box


def _line(box: Mailbox, procedure: Procedure | None, now: datetime) -> Line:
    channel = procedure.channels.get(box.channel) if procedure else None
    warned = channel is not None and sign_in_watch.stage(box, channel.watch.sign_in_ends, now)
    ends = box.sign_in_ends_at if warned else None
    security = _("not encrypted") if box.security == Mailbox.NONE else box.get_security_display()
    return Line(box, _lag(box, now), ends, box.sign_in_refused, security)


def _lag(box: Mailbox, now: datetime) -> str:
    """How old mail is when it comes in: as the last one was, or as one that waits may be already."""
    if box.paused:
        return _("paused: mail waits in the mailbox")
    if box.failing_since:
        waits = length((now - (box.last_contact or box.added_at)).total_seconds())
        return _("up to %(length)s: nothing was fetched since the last contact") % {"length": waits}
    if box.last_lag_s is None:
        return _("no mail has come yet")
    return _("%(length)s: so old was the last mail when it came in") % {"length": length(box.last_lag_s)}
