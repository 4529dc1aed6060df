"""The addresses of the requester's pages."""

from __future__ import annotations

from django.urls import path

from forthwith.portal import downloads, mine, views

app_name = "portal"
urlpatterns = [
    path("my/", mine.mine, name="mine"),
    path("t/<str:token>/", views.ticket, name="ticket"),
    path("t/<str:token>/details/", views.details, name="details"),
    path("t/<str:token>/solved/", views.solved, name="solved"),
    path("t/<str:token>/not-yet/", views.not_yet, name="not_yet"),
    path("t/<str:token>/rate/", views.rate, name="rate"),
    path("t/<str:token>/files/<int:number>/", downloads.download, name="file"),
]
