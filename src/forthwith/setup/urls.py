"""The addresses of this counter."""

from __future__ import annotations

from django.urls import path

from forthwith.setup import alarm, health, ledger, organisations, people, suggestions, views

urlpatterns = [
    path("caught/", views.caught, name="caught"),
    path("caught/<str:name>/", views.caught_mail, name="caught_mail"),
    path("people/", people.people, name="people"),
    path("people/add/", people.add, name="add_person"),
    path("people/<int:number>/", people.person, name="person"),
    path("people/<int:number>/link/", people.link, name="sign_in_link"),
    path("organisations/", organisations.overview, name="organisations"),
    path("organisations/add/", organisations.add, name="add_organisation"),
    path("organisations/<int:number>/", organisations.one, name="organisation"),
    path("organisations/<int:number>/change/", organisations.change, name="change_organisation"),
    path("organisations/<int:number>/join/", organisations.join, name="join_organisation"),
    path("organisations/<int:number>/leave/", organisations.leave, name="leave_organisation"),
    path("organisations/<int:number>/delete/", organisations.delete, name="delete_organisation"),
    path("health/", health.health, name="health"),
    path("health/alarm/", alarm.alarm, name="alarm"),
    path("suggestions/", suggestions.suggestions, name="suggestions"),
    path("suggestions/train/", suggestions.train, name="train_suggestions"),
    path("ledger/", ledger.ledger, name="ledger"),
    path("ledger/<int:number>/", ledger.item, name="ledger_item"),
    path("ledger/<int:number>/mend/", ledger.mend, name="mend_item"),
    path("ledger/<int:number>/dismiss/", ledger.dismiss, name="dismiss_item"),
    path("ledger/<int:number>/source/", ledger.source, name="raw_source"),
    path("unprocessed/", ledger.unprocessed),
    path("unprocessed/<int:number>/source/", ledger.unprocessed),
]
