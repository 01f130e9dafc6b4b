"""The names that newspapers give to the files of an inbox: patterns, read from a TOML file.

``rodong-{year}{month}{day}-{page}.pdf`` is a pattern of files, one for each page. Without
``{page}`` a file is a whole edition; with ``/`` at its end a folder is, and its files are the pages
in order.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from pydantic import BaseModel, ConfigDict, ValidationError

from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.settings import Settings
from presslens.app.platform.text import LONGEST_NAME, one_line, plain_name
from presslens.app.services.ingest.upload_mode import UploadMode
from presslens.pipelines.scans.page_numbers import MOST_PAGES

DEFAULT_FILE = "inbox.toml"
"""The file of the patterns in the data folder, where the settings name no other."""

FREE = "[^/]+"
FIELDS = {
    "publication": FREE,
    "any": FREE,
    "year": "[0-9]{4}",
    "month": "[0-9]{2}",
    "day": "[0-9]{2}",
    "m": "[0-9]{1,2}",
    "d": "[0-9]{1,2}",
    "page": "[0-9]{1,4}",
}
"""What a field of a pattern stands for; ``any`` may stand in it more than once, and is not read."""

MOST_FREE = 3
"""Most fields of any text in a pattern: each multiplies the ways in which a name may be read."""

FIXED = ("year", "month", "day")
"""The fields of one width."""

MOST_WIDE = 5
"""Most fields of several widths in a pattern, for the same reason."""

_FIELD = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class NameReading:
    """What a name says: the newspaper, the day, and the number of a page; None: a whole edition."""

    publication: str
    day: date
    page: int | None


@dataclass(frozen=True, slots=True)
class InboxPattern:
    """A pattern of names in an inbox."""

    text: str  # the pattern as it was written
    publication: str | None  # the newspaper; None: the name says it
    # What is done where the day has an edition already; None: it is skipped.
    mode: UploadMode | None
    longest: re.Pattern[str]  # the expression, each field as long as it can be
    shortest: re.Pattern[str]  # the expression, each field as short as it can be

    @property
    def of_folders(self) -> bool:
        """Whether it names folders, whose files are the pages of an edition in order."""
        return self.text.endswith("/")

    @property
    def depth(self) -> int:
        """How many folders and files a name that fits has, one inside the other."""
        return self.text.rstrip("/").count("/") + 1

    def read(self, name: str) -> NameReading | None:
        """Return what a name says; None if it doesn't fit.

        Args:
            name: A path in the inbox, with slashes.

        Raises:
            InvalidRequest: It names no day or page that can be, or can be read in two ways.
        """
        match = self.longest.fullmatch(name)
        other = self.shortest.fullmatch(name)
        if match is None or other is None:
            return None
        # If the first way and the last way to read it are one, there is no third between them.
        if match.groups() != other.groups():
            raise InvalidRequest.saying(
                "the pattern %(pattern)s reads it in more than one way", pattern=self.text
            )
        parts = match.groupdict()
        publication = self.publication or parts["publication"].replace("_", " ")
        return NameReading(plain_name(publication), _day(parts), _page(parts))


def _day(parts: dict[str, str]) -> date:
    year, month, day = parts["year"], parts.get("month") or parts["m"], parts.get("day")
    day = day or parts["d"]
    try:
        return date(int(year), int(month), int(day))
    except ValueError as error:
        text = f"{year}-{month:0>2}-{day:0>2}"
        raise InvalidRequest.saying("there is no day %(day)s", day=text) from error


def _page(parts: dict[str, str]) -> int | None:
    if "page" not in parts:
        return None
    number = int(parts["page"])
    if not 1 <= number <= MOST_PAGES:
        raise InvalidRequest.saying(
            "pages are numbered from 1 to %(most)s, and it is page %(page)s",
            most=MOST_PAGES,
            page=number,
        )
    return number


def parse_pattern(
    text: str, publication: str | None = None, mode: UploadMode | None = None
) -> InboxPattern:
    """Return a pattern.

    Args:
        text: The pattern.
        publication: The newspaper whose names these are; None: the pattern must have the field.
        mode: What is done where the day has an edition already.

    Raises:
        InvalidRequest: It is none; the message says why.
    """
    fields = _FIELD.findall(text)
    problem = _problem(text, fields, publication)
    if problem is not None:
        raise InvalidRequest(f"the pattern {text!r} {problem}")
    # Letters are compared without case: the same publisher writes .PDF and .pdf.
    longest = re.compile(_expression(text.rstrip("/"), ""), re.IGNORECASE)
    shortest = re.compile(_expression(text.rstrip("/"), "?"), re.IGNORECASE)
    return InboxPattern(text, publication, mode, longest, shortest)


def _problem(text: str, fields: Sequence[str], publication: str | None) -> str | None:
    rest = _FIELD.sub("", text)
    unknown = [field for field in fields if field not in FIELDS]
    if unknown or "{" in rest or "}" in rest:
        field = unknown[0] if unknown else rest
        return f"has no field {field!r}: fields are {', '.join(f'{{{name}}}' for name in FIELDS)}"
    for names in (("year",), ("month", "m"), ("day", "d")):
        if sum(name in fields for name in names) != 1:
            return f"needs {' or '.join(f'{{{name}}}' for name in names)} for the day"
    if (publication is None) != ("publication" in fields):
        return (
            "needs {publication}, or stands below the name of a newspaper"
            if publication is None
            else "has {publication}, but stands below the name of a newspaper already"
        )
    if "page" in fields and text.endswith("/"):
        return "names folders, so it can't have {page}"
    if sum(FIELDS[field] == FREE for field in fields) > MOST_FREE:
        return f"has more than {MOST_FREE} fields of any text"
    if sum(field not in FIXED for field in fields) > MOST_WIDE:
        return f"has more than {MOST_WIDE} fields beside {{year}}, {{month}} and {{day}}"
    pairs = re.findall(r"\{(\w+)\}(?=\{(\w+)\})", text)
    beside = [pair for pair in pairs if {FIELDS[one] for one in pair} == {FREE}]
    if beside:
        first, second = beside[0]
        return f"has nothing between {{{first}}} and {{{second}}}, so they can't be told apart"
    parts = text.rstrip("/").split("/")
    if any(part in ("", ".", "..") for part in parts) or "\\" in text or not text.isprintable():
        return "is no path inside the inbox, with / between folders"
    return None


def _expression(text: str, lazily: str) -> str:
    """Return the expression of a pattern; a field that comes again must be the same again."""
    written: set[str] = set()
    parts = []
    for place, part in enumerate(_FIELD.split(plain_name(text))):
        if place % 2 == 0:
            parts.append(re.escape(part))
        elif part == "any":
            parts.append(f"({FIELDS[part]}{lazily})")
        elif part in written:
            parts.append(f"(?P={part})")
        else:
            is_fixed = part in FIXED
            parts.append(f"(?P<{part}>{FIELDS[part]}{'' if is_fixed else lazily})")
            written.add(part)
    return "".join(parts)


class _Newspaper(BaseModel):
    model_config = ConfigDict(extra="forbid")

    patterns: list[str]
    mode: UploadMode | None = None


class _PatternFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    patterns: list[str] = []
    newspapers: dict[str, _Newspaper] = {}

    def parsed(self) -> Iterator[InboxPattern]:
        for text in self.patterns:
            yield parse_pattern(text)
        for name, newspaper in self.newspapers.items():
            publication = one_line(name, "the name of a newspaper", LONGEST_NAME)
            for text in newspaper.patterns:
                yield parse_pattern(text, publication, newspaper.mode)


def load_patterns(settings: Settings) -> tuple[InboxPattern, ...]:
    """Return the patterns of an installation's inbox; none where it has no file of them.

    Raises:
        InvalidRequest: The file that is named is not there, or can't be used; the message says why.
    """
    file = settings.inbox_patterns or settings.data_dir / DEFAULT_FILE
    if settings.inbox_patterns is None and not file.is_file():
        return ()
    try:
        content = _PatternFile.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
        return tuple(content.parsed())
    except OSError as error:
        raise InvalidRequest(f"the patterns {file} can't be read: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        why = first["msg"]
        if first["type"] == "extra_forbidden":
            of = _PatternFile if len(first["loc"]) == 1 else _Newspaper
            why = f"there is no such setting, only {' and '.join(of.model_fields)}"
        raise InvalidRequest(f"the patterns {file}: {where}: {why}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidRequest(f"the patterns {file} are no TOML: {error}") from error
    except InvalidRequest as error:
        raise InvalidRequest(f"the patterns {file}: {error}") from error
