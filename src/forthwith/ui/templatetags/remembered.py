"""Django's tags `url` and `translate`, which remember what they said: a page holds hundreds that never change.

It stands in the place of Django's library `i18n`, so that a template loads that as ever.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django import template
from django.template import Context, Node
from django.template.base import Parser, Token
from django.template.defaulttags import URLNode
from django.template.defaulttags import url as django_url
from django.templatetags import i18n
from django.urls import NoReverseMatch, get_script_prefix, reverse
from django.utils.html import conditional_escape
from django.utils.translation import get_language

register = template.Library()
register.tags.update(i18n.register.tags)
register.filters.update(i18n.register.filters)


@register.tag
def translate(parser: Parser, token: Token) -> Node:
    """`{% translate "Text" %}`: a constant text is looked up once for each language."""
    node: Any = i18n.do_translate(parser, token)
    said = node.filter_expression
    constant = said.var.lookups is None and not said.filters
    plain = not (node.asvar or node.message_context or node.noop)
    return _Constant(node) if constant and plain else node


@register.tag
def url(parser: Parser, token: Token) -> Node:
    """`{% url 'name' key=value %}`: an address is worked out once for the same values."""
    node: Any = django_url(parser, token)
    return _Address(node.view_name, node.args, node.kwargs, node.asvar)


class _Constant(Node):
    def __init__(self, node: Node) -> None:
        self._node = node
        self._said: dict[str | None, str] = {}

    def render(self, context: Context) -> str:
        language = get_language()
        if language not in self._said:
            self._said[language] = self._node.render(context)
        return self._said[language]


class _Address(URLNode):
    def render(self, context: Context) -> str:
        args = tuple(value.resolve(context) for value in self.args)
        kwargs = tuple((name, value.resolve(context)) for name, value in self.kwargs.items())
        try:
            at = _at(get_script_prefix(), self.view_name.resolve(context), args, kwargs)
        except NoReverseMatch:
            if self.asvar is None:
                raise
            at = ""
        if self.asvar:
            context[self.asvar] = at
            return ""
        return conditional_escape(at) if context.autoescape else at


@lru_cache(maxsize=8192)
def _at(_prefix: str, name: str, args: tuple[Any, ...], kwargs: tuple[tuple[str, Any], ...]) -> str:
    return reverse(name, args=args, kwargs=dict(kwargs))
