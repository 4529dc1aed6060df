"""This room as a Django app."""

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    """Registers the room's models, templates and static files."""

    name = "forthwith.outbox"
    label = "outbox"
