"""Every address of the web process."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("account/", include("allauth.account.urls")),
    path("", include("forthwith.desk.urls")),
    path("", include("forthwith.portal.urls")),
    path("caught/", include("forthwith.setup.urls")),
]
