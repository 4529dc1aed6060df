"""This room as a Django app."""

from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    """Registers the room's models."""

    name = "forthwith.knowledge"
    label = "knowledge"
