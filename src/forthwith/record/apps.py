"""This room as a Django app."""

from django.apps import AppConfig


class RecordConfig(AppConfig):
    """Registers the room's models, templates and static files."""

    name = "forthwith.record"
    label = "record"
