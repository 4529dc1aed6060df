"""Titles of the procedure's words: `{{ place.title|headed }}` as a heading, `{{ term.says|spoken }}` within a line."""

from __future__ import annotations

from django import template

from forthwith.ui.said import headed, spoken, stays_english

register = template.Library()
register.filter("headed", headed)
register.filter("spoken", spoken)
register.filter("stays_english", stays_english)
