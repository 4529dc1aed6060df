"""This room as a Django app."""

from django.apps import AppConfig


class FloorConfig(AppConfig):
    """Registers the room's templates and static files."""

    name = "forthwith.floor"
    label = "floor"
