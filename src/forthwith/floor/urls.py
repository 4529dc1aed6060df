"""The addresses of this counter."""

from __future__ import annotations

from django.urls import path

from forthwith.floor import conformance, conformance_files

app_name = "floor"
urlpatterns = [
    path("conformance/", conformance.report, name="conformance"),
    path("conformance/tickets/", conformance.drill, name="conformance-tickets"),
    path("conformance/file/<str:kind>/", conformance_files.download, name="conformance-file"),
]
