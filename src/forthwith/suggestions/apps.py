"""This room as a Django app."""

from django.apps import AppConfig


class SuggestionsConfig(AppConfig):
    """Registers the room's models."""

    name = "forthwith.suggestions"
    label = "suggestions"
