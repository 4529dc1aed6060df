"""The addresses of this counter, below `/caught/`."""

from __future__ import annotations

from django.urls import path

from forthwith.setup import views

urlpatterns = [
    path("", views.caught, name="caught"),
    path("<str:name>/", views.caught_mail, name="caught_mail"),
]
