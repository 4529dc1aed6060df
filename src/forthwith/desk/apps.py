"""This room as a Django app."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """Registers the room's models, templates and static files."""

    name = "forthwith.desk"
    label = "desk"
