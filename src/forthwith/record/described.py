"""Rows by which tickets with a tag, or a field's value, are found: written by the door alone, with the row (SOP 3.1).

Each says whether its ticket is unresolved, so that a list of open tickets never reads past the settled ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext

from forthwith.people.prepared import insert
from forthwith.procedure import fields
from forthwith.procedure.fields import OwnField, key_of
from forthwith.procedure.model import Procedure
from forthwith.procedure.said import Said

if TYPE_CHECKING:
    from forthwith.record.models import Ticket

MOST_LOOKED_AT = 2000
MOST_OFFERED = 100


def options_of(field: OwnField) -> dict[str, str]:
    """What can be chosen for a field, by key: a procedure's choices as they are, yes and no in the page's language."""
    return {key: gettext(name) if isinstance(name, Said) else name for key, name in field.options.items()}


def read(field: OwnField, typed: str) -> str | None:
    """What was typed, as a value is kept (`fields.read`); a choice also by its name in the active language."""
    named = {name.casefold(): key for key, name in options_of(field).items()}
    return fields.read(field, named.get(" ".join(typed.split()).casefold(), typed))


class Tag(models.Model):
    """A tag on one ticket."""

    ticket = models.ForeignKey("record.Ticket", models.PROTECT, related_name="+", db_index=False)
    tag = models.CharField(max_length=40)
    unresolved = models.BooleanField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["ticket", "tag"], name="tag_once")]
        # Two, as SQLite does not look up a boolean within an index.
        indexes: ClassVar = [
            models.Index(fields=["tag", "ticket"], name="tag_open", condition=Q(unresolved=True)),
            models.Index(fields=["tag", "ticket"], name="tag_settled", condition=Q(unresolved=False)),
        ]

    def __str__(self) -> str:
        return f"{self.tag} on #{self.ticket_id}"


class FieldValue(models.Model):
    """A field that is filled in on one ticket; `key` is its value as it is filed (`fields.key_of`)."""

    ticket = models.ForeignKey("record.Ticket", models.PROTECT, related_name="+", db_index=False)
    field = models.CharField(max_length=60)
    key = models.CharField(max_length=200)
    unresolved = models.BooleanField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["ticket", "field"], name="field_once")]
        indexes: ClassVar = [
            models.Index(fields=["field", "key", "ticket"], name="field_open", condition=Q(unresolved=True)),
            models.Index(fields=["field", "key", "ticket"], name="field_settled", condition=Q(unresolved=False)),
        ]

    def __str__(self) -> str:
        return f"{self.field} of #{self.ticket_id}"


def keys_of(values: Mapping[str, str], procedure: Procedure) -> dict[str, str]:
    """Each field's value as it is filed."""
    return {name: key_of(procedure.fields.get(name), value) for name, value in values.items()}


def follow(ticket: Ticket, was: tuple[list[str], dict[str, str], bool], procedure: Procedure) -> None:
    """Bring the rows up to the ticket's own: `was` are its tags, fields and whether it was unresolved, before."""
    tags, values, unresolved = was
    if unresolved != ticket.unresolved:
        for model, there in ((Tag, tags), (FieldValue, values)):
            if there:
                model._default_manager.filter(ticket=ticket).update(unresolved=ticket.unresolved)
    if gone := set(tags).difference(ticket.tags):
        Tag.objects.filter(ticket=ticket, tag__in=gone).delete()
    stale = {name for name, value in values.items() if ticket.fields.get(name) != value}
    if stale:
        FieldValue.objects.filter(ticket=ticket, field__in=stale).delete()
    insert([_tag(ticket, tag) for tag in ticket.tags if tag not in tags])
    filed = keys_of(ticket.fields, procedure)
    insert([_field(ticket, name, filed[name]) for name in filed if name in stale or name not in values])


def file_anew(ticket: Ticket, procedure: Procedure) -> None:
    """File its fields as another procedure says, which may have the same field of another kind."""
    if ticket.fields:
        FieldValue.objects.filter(ticket=ticket).delete()
        insert([_field(ticket, name, key) for name, key in keys_of(ticket.fields, procedure).items()])


def _tag(ticket: Ticket, tag: str) -> Tag:
    return Tag(ticket_id=ticket.pk, tag=tag, unresolved=ticket.unresolved)


def _field(ticket: Ticket, name: str, key: str) -> FieldValue:
    return FieldValue(ticket_id=ticket.pk, field=name, key=key, unresolved=ticket.unresolved)


def amiss(ticket: Ticket, tags: Iterable[str], values: Mapping[str, str], procedure: Procedure) -> Iterator[str]:
    """In what the rows do not say what the facts add up to."""
    open_too = ticket.unresolved
    wanted: tuple[set[Any], set[Any]] = (
        {(tag, open_too) for tag in tags},
        {(*pair, open_too) for pair in keys_of(values, procedure).items()},
    )
    kept: tuple[set[Any], set[Any]] = (
        set(Tag.objects.filter(ticket=ticket).values_list("tag", "unresolved")),
        set(FieldValue.objects.filter(ticket=ticket).values_list("field", "key", "unresolved")),
    )
    for what, held, should in zip(("tags", "fields"), kept, wanted, strict=True):
        if held != should:
            say, add_up = sorted(held), sorted(should)
            yield f"The rows of its {what} say {say}, but the facts add up to {add_up}."


def tags_in_use() -> list[str]:
    """Tags that were put on tickets lately, what is on most of these first; at most MOST_OFFERED."""
    latest = Counter(Tag.objects.order_by("-pk").values_list("tag", flat=True)[:MOST_LOOKED_AT])
    return [tag for tag, _ in latest.most_common(MOST_OFFERED)]
