"""This room as a Django app."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """Registers the room's templates and static files."""

    name = "forthwith.ui"
    label = "ui"
