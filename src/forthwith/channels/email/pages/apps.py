"""These pages as a Django app."""

from django.apps import AppConfig


class MailboxPagesConfig(AppConfig):
    """Registers the templates and static files of these pages."""

    name = "forthwith.channels.email.pages"
    label = "mailbox_pages"
