"""The addresses of this counter."""

from __future__ import annotations

from django.urls import path

from forthwith.floor import (
    conformance,
    conformance_files,
    draft_pages,
    drafts,
    evidence,
    open_tickets,
    procedure,
    procedure_files,
    replays,
    restatements,
)

app_name = "floor"
urlpatterns = [
    path("procedure/", procedure.page, name="procedure"),
    path("procedure/pdf/", procedure_files.as_pdf, name="procedure-pdf"),
    path("procedure/yaml/", procedure_files.as_yaml, name="procedure-yaml"),
    path("procedure/revisions/", procedure.history, name="procedure-revisions"),
    path("procedure/revisions/<int:revision>/", procedure.revision, name="procedure-revision"),
    path("procedure/open-tickets/", open_tickets.overview, name="open-tickets"),
    path("procedure/open-tickets/ask/", open_tickets.ask, name="open-tickets-ask"),
    path("procedure/open-tickets/<int:run>/stop/", open_tickets.stop, name="open-tickets-stop"),
    path("procedure/revisions/<int:revision>/call-off/", procedure.call_off, name="revision-call-off"),
    path("conformance/", conformance.report, name="conformance"),
    path("conformance/tickets/", conformance.drill, name="conformance-tickets"),
    path("conformance/file/<str:kind>/", conformance_files.download, name="conformance-file"),
    path("conformance/evidence/", evidence.bundles, name="evidence"),
    path("conformance/evidence/ask/", evidence.ask, name="evidence-ask"),
    path("conformance/evidence/<int:run>/", evidence.bundle, name="evidence-run"),
    path("conformance/evidence/<int:run>/stop/", evidence.stop, name="evidence-stop"),
    path("conformance/evidence/<int:run>/file/", evidence.download, name="evidence-file"),
    path("replays/", replays.replays, name="replays"),
    path("replays/ask/", replays.ask, name="replay-ask"),
    path("replays/<int:run>/", replays.replay, name="replay"),
    path("replays/<int:run>/stop/", replays.stop, name="replay-stop"),
    path("replays/<int:run>/file/<str:kind>/", replays.download, name="replay-file"),
    path("conformance/turned/", restatements.tickets, name="conformance-turned"),
    path("restatements/", restatements.overview, name="restatements"),
    path("restatements/ask/", restatements.ask, name="restatement-ask"),
    path("restatements/<int:run>/", restatements.restatement, name="restatement"),
    path("restatements/<int:run>/stop/", restatements.stop, name="restatement-stop"),
    path("procedure/drafts/", drafts.overview, name="drafts"),
    path("procedure/drafts/new/", drafts.new, name="draft-new"),
    path("procedure/drafts/<int:number>/", drafts.one, name="draft"),
    path("procedure/drafts/<int:number>/changes/", drafts.changes, name="draft-changes"),
    path("procedure/drafts/<int:number>/open-tickets/", open_tickets.of_draft, name="draft-open-tickets"),
    path("procedure/drafts/<int:number>/yaml/", draft_pages.as_yaml, name="draft-yaml"),
    path("procedure/drafts/<int:number>/file/", draft_pages.download, name="draft-file"),
    path("procedure/drafts/<int:number>/do/<str:key>/", drafts.decide, name="draft-do"),
    path("procedure/drafts/<int:number>/at/<path:where>/", draft_pages.place, name="draft-place"),
]
