"""Days of other calendars than the Gregorian, and the names of their months."""

from __future__ import annotations

from datetime import date, timedelta
from enum import Enum


class Calendar(Enum):
    """The calendar of a month's name."""

    GREGORIAN = "gregorian"
    SOLAR_HIJRI = "solar hijri"
    """The calendar of Iran and Afghanistan; its year begins in March."""
    LUNAR_HIJRI = "lunar hijri"
    """The Islamic calendar, whose days differ by one or two from country to country."""


_IRAN = "فروردین اردیبهشت خرداد تیر مرداد شهریور مهر آبان آذر دی بهمن اسفند"
_AFGHANISTAN = "حمل ثور جوزا سرطان اسد سنبله میزان عقرب قوس جدی دلو حوت"

SOLAR_MONTHS = (_IRAN.split(), _AFGHANISTAN.split())
"""Names of the solar months."""

LUNAR_MONTHS = (
    ["محرم", "صفر", "ربيع الأول", "ربيع الآخر", "جمادى الأولى", "جمادى الآخرة", "رجب", "شعبان",
     "رمضان", "شوال", "ذو القعدة", "ذو الحجة"],
    ["المحرم", "صفر", "ربيع أول", "ربيع الثاني", "جمادى الأول", "جمادى الثانية", "رجب", "شعبان",
     "رمضان", "شوال", "ذي القعدة", "ذي الحجة"],
)  # fmt: skip
"""Names of the lunar months, and other spellings."""

SOLAR_CYCLE, LEAP_YEARS = 33, (1, 5, 9, 13, 17, 22, 26, 30)
"""Years after which solar leap years come again, and which of them they are: the usual arithmetic,
which agrees with the sun over Tehran for the years that are known here."""

_SOLAR_START = date(1963, 3, 21)
_SOLAR_FIRST = 1342
"""The first day of the solar year 1342, from which days are counted."""

_LUNAR_START = date(622, 7, 19)
"""The first day of the lunar year 1, of the civil epoch."""


def solar_day(year: int, month: int, day: int) -> date:
    """Return the Gregorian day of one of the solar Hijri calendar.

    Raises:
        ValueError: There is no such day, or it lies outside of the years that are known.
    """
    if not 1343 <= year <= 1472:
        raise ValueError(f"{year} is no known solar year")
    days = 31 if month <= 6 else 30 if month < 12 or _is_leap(year) else 29
    if not (1 <= month <= 12 and 1 <= day <= days):
        raise ValueError("there is no such day")
    before = sum(366 if _is_leap(one) else 365 for one in range(_SOLAR_FIRST, year))
    months = 31 * min(6, month - 1) + 30 * max(0, month - 7)
    return _SOLAR_START + timedelta(days=before + months + day - 1)


def _is_leap(year: int) -> bool:
    return year % SOLAR_CYCLE in LEAP_YEARS


def lunar_day(year: int, month: int, day: int) -> date:
    """Return the Gregorian day of one of the lunar Hijri calendar, by its arithmetic form.

    Raises:
        ValueError: There is no such day.
    """
    if not (1200 <= year <= 1600 and 1 <= month <= 12 and 1 <= day <= 30):
        raise ValueError("there is no such day")
    before = (year - 1) * 354 + (3 + 11 * year) // 30 + 29 * (month - 1) + month // 2
    return _LUNAR_START + timedelta(days=before + day - 1)
