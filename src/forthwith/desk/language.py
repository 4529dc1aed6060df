"""The language in which a person of the desk reads its pages; their own choice goes before the browser's."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from forthwith.desk.gate import desk_page, person_of
from forthwith.people import directory


@require_POST
@desk_page
def choose(request: HttpRequest) -> HttpResponse:
    """Take the language of the button that was pressed, and go back to the page that it stood on."""
    language, back = request.POST.get("language", ""), request.POST.get("next", "")
    if language not in dict(settings.LANGUAGES):
        return HttpResponse(_("There are no pages in that language."), status=422, content_type="text/plain")
    directory.speaks(person_of(request), language, chosen=True)
    with translation.override(language):
        messages.success(request, _("From now on these pages are in English."))
    return redirect(back if url_has_allowed_host_and_scheme(back, allowed_hosts=None) else "desk:queue")
