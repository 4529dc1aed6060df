"""The addresses of the requester's pages."""

from __future__ import annotations

from django.urls import path

from forthwith.portal import downloads, mine, stop, views

app_name = "portal"
urlpatterns = [
    path("my/", mine.mine, name="mine"),
    path("t/<str:token>/", views.ticket, name="ticket"),
    path("t/<str:token>/details/", views.details, name="details"),
    path("t/<str:token>/solved/", views.solved, name="solved"),
    path("t/<str:token>/not-yet/", views.not_yet, name="not_yet"),
    path("c/<str:token>/", stop.stop, name="stop"),
    path("t/<str:token>/language/", views.language, name="language"),
    path("t/<str:token>/rate/", views.rate, name="rate"),
    path("t/<str:token>/files/<int:number>/", downloads.download, name="file"),
]
