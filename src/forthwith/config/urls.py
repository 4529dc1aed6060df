"""Every address of the web process."""

from __future__ import annotations

from allauth.account import views
from django.urls import include, path, re_path
from django.views.generic import RedirectView

# Named one by one: the library's pages for signing up and for claiming mail addresses have no place here.
_account = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("password/change/", views.password_change, name="account_change_password"),
    # Where the library sends somebody without a password: the first one comes by mail too.
    path("password/set/", RedirectView.as_view(pattern_name="account_reset_password"), name="account_set_password"),
    path("password/reset/", views.password_reset, name="account_reset_password"),
    path("password/reset/done/", views.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
]

urlpatterns = [
    path("account/", include(_account)),
    path("webhooks/", include("forthwith.channels.email.webhooks.urls")),
    path("", include("forthwith.desk.urls")),
    path("", include("forthwith.floor.urls")),
    path("", include("forthwith.portal.urls")),
    path("", include("forthwith.setup.urls")),
    path("mailboxes/", include("forthwith.channels.email.pages.urls")),
]
