"""The directory as a Django app."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Persons, organisations, memberships."""

    name = "forthwith.people"
    label = "people"
