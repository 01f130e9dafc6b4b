"""Reports what would come in from a tree, edition by edition and by families; nothing is stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import ClassVar

from presslens.app.services.ingest.described import day_conflict, unknown_issue
from presslens.app.services.ingest.inbox_editions import UNNAMED, UNSAID, InboxEdition
from presslens.app.services.ingest.inbox_patterns import InboxPattern
from presslens.app.services.ingest.tree import walk_editions
from presslens.pipelines.archives.bag import BagUnfit, CheckedBags, OnBytes, bag_around
from presslens.pipelines.archives.described_edition import (
    DescribedEdition,
    DescriptionUnusable,
    check_images,
    profile_of,
)
from presslens.pipelines.archives.library_folder import READERS, described_edition
from presslens.pipelines.result import Served
from presslens.pipelines.scans.sandbox import Sandbox
from presslens.pipelines.scans.scan import Limits, shown

BY_NAME = "by its name"
"""The profile of editions that nothing describes."""

_MOST_NOTES = 5


@dataclass(frozen=True, slots=True)
class RecognisedEdition(Served):
    """An edition as it would come in."""

    SERVED: ClassVar[str] = """
        name source profile publication date=edition_date pages images texts identifiers languages
        edition_label holder rights rights_address notes
    """

    name: str  # its folder or file, relative to the tree
    source: str  # the folder of the tree that it lies in
    profile: str  # the format of its description and how it is used: "METS, NDNP"
    publication: str  # the newspaper; "" unknown
    edition_date: date | None  # the day; None: unknown
    pages: int  # number of its pages that are described, or of its files
    images: int  # number of pages whose image is there
    texts: int = 0  # number of pages whose text is there
    identifiers: tuple[str, ...] = ()  # of the newspaper, then of the edition
    languages: tuple[str, ...] = ()  # BCP 47 codes
    edition_label: str = ""  # which edition of the day; else its volume and number
    holder: str = ""  # the institution that keeps it
    rights: str = ""  # the rights statement
    rights_address: str = ""  # the address of a licence
    notes: tuple[str, ...] = ()  # what does not fit, the first sentences

    def missing(self) -> Iterator[tuple[str, int]]:
        """Yield what is not there, and how many of it."""
        yield "newspaper", not self.publication
        yield "day", self.edition_date is None
        yield "images", self.pages - self.images
        yield "texts", self.pages - self.texts if self.profile != BY_NAME else 0


@dataclass(frozen=True, slots=True)
class RecognisedFamily(Served):
    """The editions of one source in one profile."""

    source: str  # the folder of the tree that they lie in
    profile: str  # the format of their descriptions and how it is used
    editions: int  # number of editions
    publications: list[str]  # the newspapers
    days: list[str]  # the first and the last day
    pages: int  # number of their pages that are described
    images: int  # number of pages whose image is there
    texts: int  # number of pages whose text is there
    schemes: list[str]  # who gives their identifiers: "ark", "lccn"
    languages: list[str]  # BCP 47 codes
    with_rights: int  # number of editions with a rights statement
    missing: dict[str, int]  # what is not there, and how many of it


@dataclass(slots=True)
class TreeReport(Served):
    """What would come in from a tree."""

    SERVED: ClassVar[str] = "families editions refused skipped notes"

    editions: list[RecognisedEdition] = field(default_factory=list)
    # Why, by name, the import would not take in some of them.
    refused: dict[str, str] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)  # why, by name, what is none is not
    # What files are that are none of an edition, by the name of their folder.
    notes: dict[str, list[str]] = field(default_factory=dict)

    @property
    def families(self) -> list[RecognisedFamily]:
        """The editions by source and profile."""
        groups: dict[tuple[str, str], list[RecognisedEdition]] = {}
        for edition in self.editions:
            groups.setdefault((edition.source, edition.profile), []).append(edition)
        return [_family(*names, group) for names, group in sorted(groups.items())]


def report_tree(
    limits: Limits,
    tree: Path,
    *,
    patterns: Sequence[InboxPattern] = (),
    publication: str = "",
    progress: Callable[[int, str], object] = lambda *_: None,
    checking: OnBytes = lambda *_: None,
) -> TreeReport:
    """Return what would come in from a tree.

    Args:
        limits: The limits of files.
        patterns: The names of newspapers' files and folders, relative to the tree.
        publication: The newspaper of editions whose description names none.
        progress: Called with the number of editions that are read, and the name of the last.
        checking: Called with the progress of the check of a bag.

    Raises:
        OSError: The tree can't be read.
    """
    report = TreeReport()
    bags = CheckedBags(checking)
    with Sandbox(limits, modules=READERS) as sandbox:
        for listing in walk_editions(tree, patterns, bags):
            report.skipped |= {**listing.skipped, **listing.arriving}
            report.notes |= {name: list(map(str, notes)) for name, notes in listing.notes.items()}
            for edition in listing.editions:
                try:
                    recognised, refused = _recognised(edition, sandbox, bags, publication)
                    report.editions.append(recognised)
                    report.refused |= {edition.name: str(refused)} if refused else {}
                except (BagUnfit, DescriptionUnusable) as error:
                    report.skipped[edition.name] = error.args[0]
                    listing.unusable = {*listing.unusable, edition.name}
                progress(len(report.editions), edition.name)
    return report


def _recognised(
    edition: InboxEdition, sandbox: Sandbox, bags: CheckedBags, publication: str
) -> tuple[RecognisedEdition, str]:
    """Return an edition as it would come in, and why it would not; "" where it would."""
    place = edition.folder or edition.files[0].parent
    if bag := bag_around(place):
        bags.check(bag)
    described = None
    if edition.described and edition.folder is not None:
        described = described_edition(edition.folder, sandbox, without_images=True)
    source = edition.name.split("/")[0]
    day = None if edition.edition_date == UNSAID else edition.edition_date
    if described is None:
        files = len(edition.files)
        name = edition.publication or edition.newspaper("", publication)
        recognised = RecognisedEdition(edition.name, source, BY_NAME, name, day, files, files)
        return recognised, "" if name else UNNAMED
    recognised = _of_library(edition, described, source, day, publication)
    try:
        check_images(described)
    except DescriptionUnusable as error:
        return recognised, error.args[0]
    if day and described.day and day != described.day:
        return recognised, day_conflict(described, day, f"the name {edition.name}")
    if not recognised.publication or recognised.edition_date is None:
        return recognised, unknown_issue(described, recognised.publication)
    return recognised, ""


def _of_library(
    edition: InboxEdition,
    described: DescribedEdition,
    source: str,
    day: date | None,
    publication: str,
) -> RecognisedEdition:
    identifiers = (*described.newspaper_identifiers, *described.identifiers)
    return RecognisedEdition(
        edition.name,
        source,
        profile_of(described),
        edition.newspaper(shown(described.title), publication),
        day or described.day,
        described.pages_described,
        len(described.pages),
        described.texts_described,
        tuple(map(str, identifiers)),
        described.languages,
        described.edition_label,
        described.holder,
        described.rights,
        described.rights_address,
        tuple(map(str, described.notes[:_MOST_NOTES])),
    )


def _family(source: str, profile: str, editions: Sequence[RecognisedEdition]) -> RecognisedFamily:
    days = sorted(one.edition_date.isoformat() for one in editions if one.edition_date)
    missing: Counter[str] = Counter()
    for one in editions:
        missing.update({what: count for what, count in one.missing() if count})
    identifiers = (number for one in editions for number in one.identifiers)
    return RecognisedFamily(
        source,
        profile,
        len(editions),
        list(dict.fromkeys(one.publication for one in editions if one.publication)),
        list(dict.fromkeys([*days[:1], *days[-1:]])),
        sum(one.pages for one in editions),
        sum(one.images for one in editions),
        sum(one.texts for one in editions),
        sorted({number.partition(":")[0] for number in identifiers}),
        list(dict.fromkeys(code for one in editions for code in one.languages)),
        sum(bool(one.rights) for one in editions),
        dict(missing),
    )
