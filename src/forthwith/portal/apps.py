"""This room as a Django app."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """Registers the room's templates and static files."""

    name = "forthwith.portal"
    label = "portal"
