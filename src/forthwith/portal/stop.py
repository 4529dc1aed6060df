"""`/c/<token>/`: whoever is in copy says that they want no more of it, with one press (RFC 8058).

The mail program posts there by itself, without cookies: the signed link is all the proof there is, and all it can do
is to end mails to the address that it was made for. A GET changes nothing, as scanners of mail follow every link.
"""

from __future__ import annotations

import time

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from forthwith.portal import limits
from forthwith.portal.language import language_for, shown_in
from forthwith.portal.visit import desk_values, private, unknown
from forthwith.record import links, procedures
from forthwith.steps import acts


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponseBase:
    """The page with the button, and what the button, or the mail program, does."""
    found, procedure = links.read_stop_token(token), procedures.current_or_none()
    with shown_in(language_for(request, None, procedure) if procedure else "", procedure):
        if found is None:
            return private(unknown(request))
        number, mark = found
        values = {**desk_values(), "number": number, "done": request.method == "POST"}
        if request.method == "POST":
            if not _may(request, token):
                return private(render(request, "portal/stop.html", {**values, "too_often": True}, status=429))
            try:
                acts.stop_copies(number, mark=mark, now=timezone.now())
            except acts.NoSuchTicket:
                return private(unknown(request))
        return private(render(request, "portal/stop.html", values))


def _may(request: HttpRequest, token: str) -> bool:
    at = time.monotonic()
    address = str(request.META.get("REMOTE_ADDR", ""))
    return limits.by_address.allows(address, at=at) and limits.by_link.allows(token, at=at)
