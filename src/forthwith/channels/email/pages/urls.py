"""The addresses of these pages, below /mailboxes/."""

from __future__ import annotations

from django.urls import path

from forthwith.channels.email.pages import connecting, keeping, signing_in

urlpatterns = [
    path("", keeping.mailboxes, name="mailboxes"),
    path("connect/", connecting.connect, name="connect_mailbox"),
    path("connect/<slug:provider>/", signing_in.connect, name="connect_provider"),
    path("choose/<str:key>/", connecting.choose, name="choose_mailbox"),
    path("leave/<str:key>/", signing_in.leave, name="leave_for_provider"),
    path("oauth/", signing_in.came_back, name="came_back"),
    path("<int:number>/pause/", keeping.pause, name="pause_mailbox"),
    path("<int:number>/resume/", keeping.resume, name="resume_mailbox"),
    path("<int:number>/remove/", keeping.remove, name="remove_mailbox"),
    path("<int:number>/import/", keeping.importing, name="mailbox_import"),
    path("<int:number>/import/stop/", keeping.stop_import, name="stop_import"),
    path("<int:number>/sign-in/", signing_in.again, name="mailbox_sign_in"),
]
