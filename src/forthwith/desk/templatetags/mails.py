"""What became of a mail, in words."""

from __future__ import annotations

from django import template

from forthwith.outbox import answers

register = template.Library()
register.filter("meaning", answers.meaning)
