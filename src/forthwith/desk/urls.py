"""The addresses of the agent's counter."""

from __future__ import annotations

from django.urls import path

from forthwith.desk import (
    bulk,
    export,
    files,
    kept_views,
    language,
    notices,
    past,
    peek,
    queue,
    samples,
    search,
    tickets,
    tour,
    unsent,
)
from forthwith.desk.article_urls import urlpatterns as of_articles

app_name = "desk"
urlpatterns = [
    path("", queue.queue, name="queue"),
    path("search/", search.search, name="search"),
    path("take-next/", queue.take_next, name="take-next"),
    path("me/", queue.availability, name="availability"),
    path("language/", language.choose, name="language"),
    path("me/tour/", tour.tour, name="tour"),
    path("bulk/", bulk.preview, name="bulk"),
    path("bulk/go-on/", bulk.go_on, name="bulk-go-on"),
    path("bulk/undo/", bulk.undo, name="bulk-undo"),
    path("bulk/<slug:key>/", bulk.begin, name="bulk-begin"),
    path("views/", kept_views.kept, name="views"),
    path("views/<int:number>/", kept_views.change, name="view"),
    path("ui/", samples.components, name="components"),
    path("tickets/<int:number>/", tickets.ticket, name="ticket"),
    path("tickets/<int:number>/peek/", peek.peek, name="peek"),
    path("tickets/<int:number>/clocks/", tickets.clocks, name="clocks"),
    path("tickets/<int:number>/history/", past.history, name="history"),
    path("tickets/<int:number>/export/json/", export.as_json, name="export-json"),
    path("tickets/<int:number>/export/pdf/", export.as_pdf, name="export-pdf"),
    path("tickets/<int:number>/write/", tickets.write, name="write"),
    path("tickets/<int:number>/draft/", unsent.keep, name="draft"),
    path("tickets/<int:number>/draft/files/", unsent.files, name="draft-files"),
    path("tickets/<int:number>/draft/<int:other>/use/", unsent.use, name="draft-use"),
    path("tickets/<int:number>/draft/<int:other>/discard/", unsent.discard, name="draft-discard"),
    path("tickets/<int:number>/held/<int:held>/take-back/", unsent.take_back, name="take-back"),
    path("notices/", notices.told, name="notices"),
    path("notices/bell/", notices.bell, name="notice-bell"),
    path("notices/read/", notices.read, name="notices-read"),
    path("notices/preferences/", notices.preferences, name="notice-preferences"),
    path("colleagues/", notices.colleagues, name="colleagues"),
    path("drafts/", unsent.mine, name="drafts"),
    *of_articles,
    path("tickets/<int:number>/do/<slug:key>/", tickets.act, name="act"),
    path("tickets/<int:number>/files/<int:file>/", files.attachment, name="file"),
    path("tickets/<int:number>/messages/<int:message>/formatted/", files.formatted, name="formatted"),
    path("tickets/<int:number>/messages/<int:message>/source/", files.source, name="source"),
    path("tickets/<int:number>/messages/<int:message>/text/", files.whole_text, name="text"),
]
