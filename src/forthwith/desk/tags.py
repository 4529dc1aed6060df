"""The tags in use, as a list of suggestions for a line that takes one: fetched when the line is entered (SOP 3.1)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from forthwith.desk.gate import desk_page
from forthwith.record.described import tags_in_use


@require_GET
@desk_page
def in_use(request: HttpRequest) -> HttpResponse:
    """Options, what is used most first."""
    return render(request, "desk/tags_in_use.html", {"tags": tags_in_use()})
