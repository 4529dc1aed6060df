"""What is not watched at this moment, on the pages of who leads, administers or audits the desk (SOP 1.1).

By mail they are told too; this is the road that no relay can break.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from forthwith.procedure.model import Procedure
from forthwith.record import procedures
from forthwith.record.mailboxes import Mailbox
from forthwith.record.models import CoverageGap
from forthwith.ui.gate import READERS, page_for

MOST_SHOWN = 3


@require_safe
@page_for(*READERS)
def alarm(request: HttpRequest) -> HttpResponse:
    """The open gaps, the oldest first; nothing when every channel is watched. Each page asks once a minute.

    204 for the same as the page has `seen`: a screen reader would say it anew each time that it is put there.
    """
    procedure = procedures.current_or_none()
    gaps = list(CoverageGap.objects.filter(end__isnull=True).order_by("start", "pk")[: MOST_SHOWN + 1])
    known = ",".join(str(gap.pk) for gap in gaps)
    if known == request.GET.get("seen", ""):
        return HttpResponse(status=204)
    shown = [(_named(gap.channel, procedure), gap.start) for gap in gaps[:MOST_SHOWN]] if procedure else []
    context = {"now": timezone.now(), "gaps": shown, "more": len(gaps) > MOST_SHOWN, "known": known}
    return render(request, "setup/alarm.html", context)


def _named(name: str, procedure: Procedure) -> str:
    """What a gap is about, in words: a channel, its round trip, or one of its mailboxes."""
    key, _colon, part = name.partition(":")
    channel = procedure.channels[key].name if key in procedure.channels else key
    if part == "canary":
        return _("%(channel)s, there and back") % {"channel": channel}
    number = part.removeprefix("mailbox:")
    if number != part and number.isdigit():
        box = Mailbox.objects.filter(pk=int(number)).only("name").first()
        return _("The mailbox %(name)s") % {"name": box.name} if box else _("A mailbox that was removed")
    return channel
