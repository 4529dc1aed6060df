"""This room as a Django app."""

from django.apps import AppConfig


class SetupConfig(AppConfig):
    """Registers the room's templates and static files."""

    name = "forthwith.setup"
    label = "setup"
