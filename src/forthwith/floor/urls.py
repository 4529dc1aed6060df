"""The addresses of this counter."""

from __future__ import annotations

from django.urls import path

from forthwith.floor import conformance, conformance_files, replays

app_name = "floor"
urlpatterns = [
    path("conformance/", conformance.report, name="conformance"),
    path("conformance/tickets/", conformance.drill, name="conformance-tickets"),
    path("conformance/file/<str:kind>/", conformance_files.download, name="conformance-file"),
    path("replays/", replays.replays, name="replays"),
    path("replays/ask/", replays.ask, name="replay-ask"),
    path("replays/<int:run>/", replays.replay, name="replay"),
    path("replays/<int:run>/stop/", replays.stop, name="replay-stop"),
    path("replays/<int:run>/file/<str:kind>/", replays.download, name="replay-file"),
]
