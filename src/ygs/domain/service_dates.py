"""Dates in the service's time zone.

Moments are UTC everywhere, but the date of a moment is that of the service's time zone. In Seoul the UTC date would be
yesterday's until nine in the morning.
"""

from datetime import UTC, date, datetime, time, tzinfo


def date_at(moment: datetime, zone: tzinfo) -> date:
    """The date of a moment in the service's time zone."""
    return moment.astimezone(zone).date()


def start_of(day: date, zone: tzinfo) -> datetime:
    """The first moment of a day in the service's time zone, as UTC."""
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)
