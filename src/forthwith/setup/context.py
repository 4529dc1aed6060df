"""What every page may need to know of how the desk was set up."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def demo(request: HttpRequest) -> dict[str, bool]:
    """Whether this is a demo, whose mail is caught."""
    return {"demo": settings.DEMO}
