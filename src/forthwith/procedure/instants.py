"""Instants as integers: epoch seconds and microseconds, for the aware UTC datetimes of the edges."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
US = 1_000_000
DAY_S = 86_400


def to_us(at: datetime) -> int:
    """Epoch microseconds, exactly. Raises ValueError for a datetime without a time zone."""
    try:
        since = at - EPOCH
    except TypeError:
        raise naive(at) from None
    return (since.days * DAY_S + since.seconds) * US + since.microseconds


def from_us(at: int) -> datetime:
    """The UTC datetime of epoch microseconds."""
    return EPOCH + timedelta(microseconds=at)


def naive(at: datetime) -> ValueError:
    """The error for a datetime without a time zone."""
    return ValueError(f"{at.isoformat()} has no time zone; give an aware datetime")


def new_year(year: int) -> int:
    """The epoch second at which a year begins in UTC."""
    return (date(year, 1, 1).toordinal() - EPOCH.toordinal()) * DAY_S


def year_of(at: int) -> int:
    """The year in UTC of an epoch second."""
    return (EPOCH + timedelta(seconds=at)).year
