"""Finding people: requesters by address, members and leaders of teams, who is available."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import cache

from django.db.models import F, Q

from forthwith.people.addresses import domain_of, spellings, untagged
from forthwith.people.models import Address, Filling, Membership, Organisation, Person, Spelling
from forthwith.people.prepared import Place, Prepared
from forthwith.people.spellings import beyond, keys_of, near, one_apart, whole
from forthwith.people.words import words as words_of
from forthwith.procedure.calendars import Calendar
from forthwith.procedure.case_state import Asks
from forthwith.procedure.desk import Worker
from forthwith.procedure.lifecycle import ADMINISTRATOR, AUDITOR, LEADER, WORKERS
from forthwith.procedure.model import Procedure

MOST_TOLD = 50
MOST_NAMED = 200
MOST_LOOKED_AT = 500
MOST_READERS = 1000
MOST_WORKERS = 5000
MOST_SEVERAL = 200
MOST_LEARNT = 200
_ACTIVE = Person.objects.filter(is_active=True).order_by("pk")
_AT_ADDRESS = Prepared(
    lambda: Person.objects.filter(
        Q(addresses__address=Place(0))
        | Q(addresses__address=Place(1))
        | Q(addresses__address=Place(2))
        | Q(addresses__address=Place(3))
    ).annotate(found_at=F("addresses__address"), lost_since=F("addresses__undeliverable_since"))
)
_NUMBERED = Prepared(lambda: Person.objects.filter(pk=Place(0)))
_MEMBERS = Prepared(lambda: _ACTIVE.filter(memberships__team=Place(0), role__in=WORKERS)[:MOST_TOLD])
_LEADING = Prepared(lambda: _ACTIVE.filter(memberships__team=Place(0), memberships__leads=True)[:MOST_TOLD])
_IN_ROLE = Prepared(lambda: _ACTIVE.filter(role=Place(0))[:MOST_TOLD])
_AT_WORK = Prepared(lambda: _ACTIVE.filter(role__in=WORKERS).only("name", "email").order_by("name")[:MOST_NAMED])
_READERS = Prepared(lambda: Person.objects.filter(role__in=(*WORKERS, AUDITOR)).order_by("name", "pk")[:MOST_READERS])
_SPELLED = Prepared(
    lambda: (
        Spelling.objects.filter(key__gte=Place(0), key__lte=Place(1))
        .only("person")
        .order_by("key", "person")[:MOST_LOOKED_AT]
    )
)
_ORGANISATIONS = Prepared(lambda: Organisation.objects.only("name").order_by("name", "pk")[:MOST_NAMED])
_HOME = Prepared(lambda: Organisation.objects.filter(domains__name=Place(0)))
_MEMBERSHIPS = Prepared(lambda: Membership.objects.filter(person=Place(0)).only("team"))


def person_at(address: str) -> Person | None:
    """The person who has this mail address, in any case of letters and either alphabet of its domain."""
    written, other = spellings(address)
    return next((one for one in _AT_ADDRESS(written, other, written, other)), None)


def writer(address: str) -> Person | None:
    """Who writes from this address: its owner, else the owner of what it is without its tag.

    Mail comes from there again, so it is no longer held to be undeliverable.
    """
    written, other = spellings(address)
    found = {str(vars(one)["found_at"]): one for one in _AT_ADDRESS(written, other, untagged(written), untagged(other))}
    person = next((found[one] for one in (written, other, *found) if one in found), None)
    if person is not None and vars(person)["lost_since"] is not None:
        Address.objects.filter(address=vars(person)["found_at"]).update(undeliverable_since=None)
    return person


def person_or_new(address: str, name: str) -> Person:
    """The person who has this address, or a new requester; a name fills an empty one."""
    return met_again(person_at(address), address, name)


def met_again(known: Person | None, address: str, name: str, *, doubtful: bool = False) -> Person:
    """Like `person_or_new`, for who has looked the address up already.

    A new person is of the organisation that has their mail domain, unless it is doubtful that they wrote from there.
    """
    if known is None:
        home = None if doubtful else home_of(address)
        return Person.objects.create_user(address, name=name[:200], organisation=home)
    if name and not known.name:
        known.name = name[:200]
        known.save(update_fields=["name"])
        learn_anew(known)
    return known


def home_of(address: str) -> Organisation | None:
    """The organisation that has the domain of this address, that very one and none below or above it."""
    return next(iter(_HOME(domain_of(address))), None)


def put_out_again(number: int, *, known_since: datetime) -> None:
    """Take a person who became known since then out of the organisation that their mail domain put them into."""
    found = Person.objects.filter(pk=number, joined_at__gte=known_since, organisation__isnull=False).first()
    if found is not None and home_of(found.email) == found.organisation:
        found.organisation = None
        found.save(update_fields=["organisation"])
        learn_anew(found)


def speaks(person: Person, language: str, *, chosen: bool) -> None:
    """Write down the language in which this person is written to, and whether anybody chose it."""
    person.language, person.language_chosen = language, chosen
    person.save(update_fields=["language", "language_chosen"])


def learn_anew(person: Person) -> None:
    """Make the keys anew under which a person is found: name, address or organisation are not what they were."""
    person.spellings.all().delete()
    Spelling.learn(person, [*person.addresses.values_list("address", flat=True)])


def learn_all_anew(organisation: Organisation) -> None:
    """The same for everybody of an organisation: at once where they are few, else by the worker, and everybody then."""
    people = list(organisation.persons.order_by("pk")[: MOST_LEARNT + 1])
    if len(people) > MOST_LEARNT:
        newest = Person.objects.order_by("-pk").values_list("pk", flat=True)[:1].get()
        Filling.objects.update_or_create(what=Filling.PEOPLE, defaults={"below": newest + 1})
        return
    addresses: dict[int, list[str]] = {}
    for person, address in Address.objects.filter(person__in=people).values_list("person", "address"):
        addresses.setdefault(person, []).append(address)
    Spelling.objects.filter(person__in=people).delete()
    Spelling.objects.bulk_create(
        Spelling(person=one, key=key)
        for one in people
        for key in keys_of([one.name, organisation.name], addresses.get(one.pk, []))
    )


def named(words: Sequence[str], *, begins: bool, most: int) -> list[Person]:
    """People of whose name, addresses and organisation these are words, the last one perhaps a beginning."""
    if not words:
        return []
    keys = [(whole(word), whole(word)) for word in words[:-1]]
    last = whole(words[-1])
    keys.append((last, beyond(last) if begins else last))
    # The longest word is on the fewest people; the others are looked for among them.
    keys.sort(key=lambda pair: len(pair[0]), reverse=True)
    people = {one.person_id for one in _SPELLED(*keys[0])}
    for first, final in keys[1:]:
        also = Spelling.objects.filter(person__in=people, key__gte=first, key__lte=final)
        people &= set(also.values_list("person", flat=True))
    return _people(people, most)


def nearly_named(word: str, most: int) -> list[Person]:
    """People who have a name that is one slip away from this word (see `spellings.py`)."""
    keys = near(word)
    if not keys:
        return []
    people = _people({one.person_id for one in _alike(len(keys))(*keys)}, MOST_LOOKED_AT)
    return [one for one in people if any(one_apart(word, name) for name in _names(one))][:most]


@cache
def _alike(keys: int) -> Prepared[Spelling]:
    """Whoever has one of so many keys."""
    places = [Place(place) for place in range(keys)]
    found = Spelling.objects.filter(key__in=places).only("person").order_by("key", "person")
    return Prepared(lambda: found[:MOST_LOOKED_AT])


def _names(person: Person) -> list[str]:
    return words_of(f"{person.name} {person.organisation or ''}")


def _people(numbers: Collection[int], most: int) -> list[Person]:
    if not numbers:
        return []
    found = Person.objects.filter(pk__in=numbers, is_active=True).select_related("organisation")
    return list(found.order_by("name", "pk")[:most])


def person(number: int | None) -> Person | None:
    """The person of that number, active or not."""
    return next(iter(_NUMBERED(number)), None) if number is not None else None


def not_to_be_told(addresses: Iterable[str], requester: int) -> set[str]:
    """Those of the addresses that are the requester's own, that no mail reaches, or of people who work on tickets."""
    aside = Q(person=requester) | Q(undeliverable_since__isnull=False) | Q(person__role__in=WORKERS)
    return set(Address.objects.filter(aside, address__in=list(addresses)).values_list("address", flat=True))


def members(team: str) -> list[Person]:
    """Active people of a team who work on tickets, at most MOST_TOLD."""
    return _MEMBERS(team)


def leaders(team: str) -> list[Person]:
    """Who leads a team: its own leaders, or every team leader, or the administrators, at most MOST_TOLD."""
    return _LEADING(team) or _IN_ROLE(LEADER) or _IN_ROLE(ADMINISTRATOR)


def administrators() -> list[Person]:
    """Active administrators, at most MOST_TOLD."""
    return _IN_ROLE(ADMINISTRATOR)


def teams_of(person: Person) -> list[str]:
    """The teams that a person is in."""
    return [one.team for one in _MEMBERSHIPS(person.pk)]


def at_work() -> list[Person]:
    """Active people who work on tickets, by name, at most MOST_NAMED."""
    return _AT_WORK()


def workers() -> tuple[Worker, ...] | None:
    """Everybody active who works on tickets, with shift and teams; None where they are more than MOST_WORKERS rows."""
    columns = ("pk", "role", "shift", "memberships__team", "memberships__leads")
    rows = list(_ACTIVE.filter(role__in=WORKERS).values_list(*columns)[: MOST_WORKERS + 1])
    if len(rows) > MOST_WORKERS:
        return None
    people = {number: (role, shift) for number, role, shift, _, _ in rows}
    teams: dict[int, dict[str, bool]] = {number: {} for number in people}
    for number, _, _, team, leads in rows:
        if team:
            teams[number][team] = leads
    return tuple(
        Worker(role, shift, frozenset(teams[number]), frozenset(team for team, leads in teams[number].items() if leads))
        for number, (role, shift) in people.items()
    )


def ever_readers() -> list[Person]:
    """People who may read every ticket, or could until they left, by name, at most MOST_READERS."""
    return _READERS()


def several(numbers: Collection[int]) -> list[Person]:
    """Those of these people who are active, at most MOST_SEVERAL."""
    if not numbers:
        return []
    found = Person.objects.filter(pk__in=list(numbers)[:MOST_SEVERAL], is_active=True)
    return list(found.order_by("pk"))


def known_of(person: Person) -> Asks:
    """What decides the service level of a request that the person makes now."""
    organisation = person.organisation if person.organisation_id is not None else None
    if organisation is None:
        return Asks(vip=person.vip)
    return Asks(organisation.name, organisation.contract, person.vip)


def organisations() -> list[tuple[int, str]]:
    """Organisations with their numbers, by name, at most MOST_NAMED."""
    return [(int(one.pk), one.name) for one in _ORGANISATIONS()]


def on_shift(people: Iterable[Person], team: str, procedure: Procedure, now: datetime) -> list[Person]:
    """Those of the people who are available now: signed in as such, and within their shift (SOP 4.1)."""
    return [one for one in people if one.available and _hours(one, team, procedure).is_open(now)]


def shift_begins(person: Person, procedure: Procedure, now: datetime) -> datetime | None:
    """When the shift of a person begins again, by the hours of any of their teams; None while they are in it."""
    hours = [_hours(person, team, procedure) for team in (teams_of(person) or [""])]
    begins = min(calendar.next_open(now) for calendar in hours)
    return begins if begins > now else None


def _hours(person: Person, team: str, procedure: Procedure) -> Calendar:
    shift = person.shift or (procedure.teams[team].hours if team in procedure.teams else "always")
    return procedure.calendar(shift if shift in procedure.calendars else "always")
