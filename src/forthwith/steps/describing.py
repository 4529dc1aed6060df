"""What is said of a ticket beside the conversation: tags, the procedure's fields, time worked (SOP 3.1, 6.1).

Acts like those of `acts.py`: each opens the door once, and raises as they do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from forthwith.people import directory
from forthwith.people.permits import Actor
from forthwith.procedure import facts as f
from forthwith.procedure import fields, tags
from forthwith.procedure.case import Case, advance
from forthwith.procedure.fields import OwnField
from forthwith.record.described import options_of, read
from forthwith.record.door import Conflict, OpenCase
from forthwith.steps.opening import MOST_MINUTES, Refused, opened, spent

LONGEST_REMARK = 500


def add_tags(number: int, *, by: Actor, now: datetime, names: Iterable[str]) -> list[str]:
    """Put tags on a ticket; those that it did not have. Refused for what cannot be one, too many, or none new."""
    wanted = [tag_of(name) for name in names]
    with opened(number, by, now) as case:
        new = [tag for tag in dict.fromkeys(wanted) if tag not in case.case.tags]
        if not new:
            raise Refused(_("It has these tags already.") if wanted else _("Write a tag first."))
        _tag(case, new)
    return new


def remove_tags(number: int, *, by: Actor, now: datetime, names: Iterable[str]) -> list[str]:
    """Take tags off a ticket; those that it had. Refused where it has none of them."""
    wanted = [tags.normal(name) for name in names]
    with opened(number, by, now) as case:
        there = [tag for tag in dict.fromkeys(wanted) if tag in case.case.tags]
        if not there:
            raise Refused(_("It does not have these tags."))
        _untag(case, there)
    return there


def retag(number: int, *, by: Actor, now: datetime, names: Iterable[str], gone: Iterable[str] = ()) -> None:
    """Put tags on and take others off, at once. Refused where that changes nothing."""
    wanted, unwanted = [tag_of(name) for name in names], {tags.normal(name) for name in gone}
    with opened(number, by, now) as case:
        before = case.case.tags
        _untag(case, [tag for tag in before if tag in unwanted and tag not in wanted])
        _tag(case, [tag for tag in dict.fromkeys(wanted) if tag not in before])
        if case.case.tags == before:
            raise Refused(_("Write a tag to put on, or choose one to take off."))


def put_tags(number: int, *, by: Actor, now: datetime, names: Iterable[str]) -> None:
    """Let a ticket have these tags and no others, as it had them before."""
    wanted = list(names)
    with opened(number, by, now) as case:
        _untag(case, [tag for tag in case.case.tags if tag not in wanted])
        _tag(case, [tag for tag in wanted if tag not in case.case.tags])


def tag_of(typed: str) -> str:
    """The tag that was typed. Refused, with the rule, for what cannot be one."""
    tag = tags.normal(typed)
    if not tags.fits(tag):
        said = _(
            "“%(tag)s” cannot be a tag. A tag has at most %(most)d letters and digits, with - _ or . between them and"
            " no blanks, as in vpn-outage."
        )
        raise Refused(said % {"tag": tag[: 2 * tags.LONGEST], "most": tags.LONGEST})
    return tag


def _tag(case: OpenCase, new: Iterable[str]) -> None:
    new = list(new)
    before = [*case.facts]
    for tag in new:
        case.log(f.Tagged(at=case.now, by=case.by.person, tag=tag))
    if new and len(case.case.tags) > tags.MOST and len(case.case.tags) > _most_tags(before):
        raise Refused(_("A ticket has at most %(most)d tags. Take one off first.") % {"most": tags.MOST})


def _most_tags(facts: list[f.Fact]) -> int:
    """As many tags as the ticket ever had: merged tickets bring theirs, and what is taken off can be put back."""
    case, most = Case(), 0
    for fact in facts:
        case = advance(case, fact)
        most = max(most, len(case.tags))
    return most


def _untag(case: OpenCase, gone: Iterable[str]) -> None:
    for tag in gone:
        case.log(f.Untagged(at=case.now, by=case.by.person, tag=tag))


def fill_in(number: int, *, by: Actor, now: datetime, values: Mapping[str, str], seen: int | None = None) -> None:
    """Fill in fields of the ticket's procedure, or clear them; what stays as it is, is not recorded again.

    Conflict when somebody filled one of them in otherwise after the first `seen` facts.
    """
    with opened(number, by, now) as case:
        changes = _changes(case, values)
        since = case.facts[seen:] if seen is not None and seen >= 0 else []
        for fact in since:
            if isinstance(fact, f.FieldSet) and fact.field in changes and fact.by != by.person:
                who = directory.person(fact.by) or _("Forthwith")
                said = _("%(who)s filled in the same since you looked. See how it is now; then do it again.")
                raise Conflict(said % {"who": who})
        for key, value in changes.items():
            case.log(f.FieldSet(at=case.now, by=by.person, field=key, value=value))
        if not changes:
            raise Refused(_("Nothing was changed."))


def _changes(case: OpenCase, values: Mapping[str, str]) -> dict[str, str]:
    known, category = case.procedure.fields, case.case.category or ""
    changes: dict[str, str] = {}
    for key, typed in values.items():
        held = case.case.fields.get(key, "")
        field = known.get(key)
        if field is None or not (held or fields.belongs(field, category)):
            raise Refused(_("“%(field)s” is no field of this ticket's category.") % {"field": key[:60]})
        value = value_of(field, typed)
        if not value and field.needed_for and fields.belongs(field, category) and case.case.resolved_at:
            said = _("%(field)s was needed to resolve the ticket. Give another value, or reopen it first.")
            raise Refused(said % {"field": field.name})
        if value != held:
            changes[key] = value
    return changes


def typed_value(field: OwnField, typed: str, held: str) -> str:
    """What somebody typed over what was `held`, as it is kept. Refused also where it can be read in two ways."""
    ways = fields.two_ways(typed) if field.kind == "number" and typed != held else None
    if ways:
        said = _("“%(typed)s” can be read in two ways: write %(field)s as %(thousands)s or as %(decimals)s.")
        thousands, decimals = ways
        values = {"typed": typed.strip(), "field": field.name, "thousands": thousands, "decimals": decimals}
        raise Refused(said % values)
    return value_of(field, typed)


def value_of(field: OwnField, typed: str) -> str:
    """What was typed, as the field keeps it; empty for nothing. Refused, with what is possible, for anything else."""
    value = read(field, typed)
    if value is not None:
        return value
    said = {
        "number": _("%(field)s is a number of at most 12 digits and 4 decimals, as in 1200.50."),
        "date": _("%(field)s is a day, written as 2026-03-31."),
        "text": _("%(field)s has at most %(most)d characters."),
    }.get(field.kind, _("%(field)s is one of these: %(options)s."))
    options = ", ".join(options_of(field).values())
    raise Refused(said % {"field": field.name, "most": fields.LONGEST, "options": options})


def spend(number: int, *, by: Actor, now: datetime, minutes: int, remark: str = "") -> None:
    """Record time worked that nothing else on the ticket tells of (SOP 6.1)."""
    if spent(minutes) == 0:
        raise Refused(_("Say how many minutes it was, from 1 to %(most)d.") % {"most": MOST_MINUTES})
    with opened(number, by, now) as case:
        case.log(f.TimeSpent(at=now, by=by.person, minutes=minutes, remark=remark.strip()[:LONGEST_REMARK]))
