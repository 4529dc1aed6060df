"""The addresses of this counter."""

from __future__ import annotations

from django.urls import path

from forthwith.setup import people, unprocessed, views

urlpatterns = [
    path("caught/", views.caught, name="caught"),
    path("caught/<str:name>/", views.caught_mail, name="caught_mail"),
    path("people/", people.people, name="people"),
    path("people/add/", people.add, name="add_person"),
    path("people/<int:number>/", people.person, name="person"),
    path("people/<int:number>/link/", people.link, name="sign_in_link"),
    path("unprocessed/", unprocessed.unprocessed, name="unprocessed"),
    path("unprocessed/<int:number>/source/", unprocessed.source, name="raw_source"),
]
