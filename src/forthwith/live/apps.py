"""This room as a Django app."""

from django.apps import AppConfig


class LiveConfig(AppConfig):
    """Registers the room's models, templates and static files."""

    name = "forthwith.live"
    label = "live"
