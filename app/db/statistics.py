"""The tables of summaries: one row an edition, one for each measure, and one for each share.

What is unusual in an edition among those before is stored beside them.

All are made out of interpretations by ``app.services.analysis.summarise`` once an edition is
complete under a recipe, so that statistics over thousands of editions read thousands of rows and
not hundreds of thousands. Reviews are not in them: they are laid over when a statistic is asked
for.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, Field
from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Select, false, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from presslens.app.db.columns import NAME, SHA, Table, choice
from presslens.app.db.exported import EDITION, MEASURE, SHARE, ColumnType, Exported, exported
from presslens.app.db.types import Moment
from presslens.models.photos.finder_errors import CELLS, CONDITIONS
from presslens.models.vocabulary import Focus
from presslens.pipelines.statistics.measure import Zone


def new_version() -> int:
    """Return a number that no other content of a summary has, 1 to 2^63 - 1."""
    return secrets.randbits(63) or 1


PHOTOS = {"unit": "photos"}
PAGES_OF_PRINT = {"unit": "pages of print: the sum of the photos' shares of their pages"}
"""What exports say of numbers and areas of photos."""

MISSING = {"nullable": True}
"""What exports say of a column that leaves values out which are always stored."""


def _is_found_page(page: list[int]) -> list[int]:
    if not -1 <= page[1] < len(CONDITIONS) or min(page[2:]) < 0:
        raise ValueError("a condition or a number of photos that cannot be")
    return page


FoundPage = Annotated[
    list[int], Field(min_length=2 + CELLS, max_length=2 + CELLS), AfterValidator(_is_found_page)
]
"""The type of the JSON of one page in ``EditionSummaryRow.found_pages``."""


class EditionSummaryRow(Table):
    """The plain numbers of a complete edition under a recipe.

    When ``gallery`` or ``label_set`` is not today's, it is made again. What was not looked for is
    NULL. ``photo_ids``, ``photo_areas`` and ``photo_zones`` are of its photos, in reading order;
    the bits of a zone are those of ``Zone`` in its order. Areas and probabilities have six digits
    after the point. For ``found_pages`` see ``pipelines.statistics.photo_counts``; NULL in
    summaries of before there was such a column.
    ``version`` is another one whenever the summary, or what the machine says of its photos, is
    written anew: what was read under a version is still true while the row has it.
    ``outdated``: the photos of the edition have changed since, so that it is made again.
    """

    __export__ = Exported(
        "edition_summary",
        "The plain numbers of an edition that is complete; the machine's, without reviews.",
        ("edition_id",),
        of_recipe=True,
    )
    __tablename__ = "edition_summary"

    edition_id: Mapped[int] = exported(EDITION, ForeignKey("edition.id"), primary_key=True)
    recipe_id: Mapped[str] = mapped_column(ForeignKey("recipe.id"), primary_key=True)
    gallery: Mapped[str] = exported(
        "hash of the enrolled figures that photos were searched for", SHA
    )
    label_set: Mapped[str] = exported(
        "hash of the researcher's labels that photos were read for", SHA
    )
    pages: Mapped[int] = exported("pages that it had, uploaded or not", says={"unit": "pages"})
    pages_seen: Mapped[int] = exported("pages that were analysed", says={"unit": "pages"})
    photos: Mapped[int] = exported("photographic frames", says=PHOTOS)
    photo_area: Mapped[float] = exported("printed area of the photos", says=PAGES_OF_PRINT)
    largest_photo: Mapped[float] = exported(
        "share of its page that the largest photo takes", says=SHARE
    )
    page_types: Mapped[dict[str, int]] = exported(
        "number of pages of each type",
        JSON,
        shape=dict[str, int],
        says={"type": ColumnType.OBJECT},
    )
    leader_photos: Mapped[int | None] = exported("photos that surely show a leader", says=PHOTOS)
    leader_unsure: Mapped[int | None] = exported("photos that may show a leader", says=PHOTOS)
    leader_area: Mapped[float | None] = exported(
        "leader's mean share of the photo's area", says=SHARE
    )
    leader_centrality: Mapped[float | None] = exported("leader's mean centrality", says=SHARE)
    together_photos: Mapped[int | None] = exported("photos with two figures or more", says=PHOTOS)
    front_lead_focus: Mapped[Focus | None] = exported(
        "focus of the largest front-page photo", choice(Focus, "front_lead_focus")
    )
    front_lead_photo_id: Mapped[int | None] = exported(
        "that photo", refers="photo", says={"joins": None}
    )
    photo_ids: Mapped[list[int]] = exported("its photos, in reading order", JSON, shape=list[int])
    photo_areas: Mapped[list[float]] = exported(
        "share of its page that each takes, 0–1", JSON, shape=list[float]
    )
    photo_zones: Mapped[list[int]] = exported(
        "1 all + 2 front + 4 inside + 8 above fold + 16 lead", JSON, shape=list[int]
    )
    found_pages: Mapped[list[list[int]] | None] = exported(
        "of each analysed page: its number; its condition from 0 (colour, grey, screened, coarse,"
        " tilted, bitonal, photographed), -1 for an image that is itself a photo; its found photos"
        " by size (small, medium, large) and, in each, by score (low, middle, high)",
        JSON(none_as_null=True),
        shape=list[FoundPage],
    )
    version: Mapped[int] = mapped_column(
        BigInteger, default=new_version, onupdate=new_version, server_default="0"
    )
    outdated: Mapped[bool] = mapped_column(default=False, server_default=false())


def mark_outdated(
    session: Session, editions: Collection[int] | Select[int], recipe_id: str | None = None
) -> None:
    """Have the summaries of editions made again, under one recipe or all: photos have changed."""
    stale = update(EditionSummaryRow).where(EditionSummaryRow.edition_id.in_(editions))
    if recipe_id is not None:
        stale = stale.where(EditionSummaryRow.recipe_id == recipe_id)
    session.execute(stale.values(outdated=True))


class EditionMeasureRow(Table):
    """What the machine says of a measure of the photos of an edition.

    ``probabilities`` are of the photos of ``EditionSummaryRow``, in their order.
    """

    __export__ = Exported(
        "edition_measure",
        "What the machine says of the photos of an edition, in the order of its photo_ids.",
        ("measure", "edition_id"),
        of_recipe=True,
        first="edition_id",
    )
    __tablename__ = "edition_measure"
    __table_args__ = (
        Index("ix_edition_measure_edition_id", "edition_id", "recipe_id"),
        {"sqlite_with_rowid": False},
    )

    recipe_id: Mapped[str] = mapped_column(ForeignKey("recipe.id"), primary_key=True)
    measure: Mapped[str] = exported(MEASURE, NAME, primary_key=True)
    edition_id: Mapped[int] = exported(EDITION, ForeignKey("edition.id"), primary_key=True)
    probabilities: Mapped[list[float | None]] = exported(
        "of each photo, 0–1; null where it was not read", JSON, shape=list[float | None]
    )
    decided: Mapped[list[int]] = exported(
        "1 for each photo that its own verdict says to show it; no calibration decides here",
        JSON,
        name="by_verdict",
        shape=list[int],
    )


class EditionShareRow(Table):
    """The machine's sums for a share of an edition: a measure, in a zone, by count and by area.

    They serve queries by SQL and exports; estimates are made of ``EditionMeasureRow``. Zones
    without photos have no row, and measures that no photo was looked at for have none.
    """

    __export__ = Exported(
        "edition_share",
        "The machine's sums for a share of an edition: of the n photos of a zone, those that show"
        " it. Where no share is offered they are missing, and reason says why; a snapshot, which is"
        " imported again, keeps them beside the reason.",
        ("measure", "zone", "edition_id"),
        of_recipe=True,
        first="edition_id",
    )
    __tablename__ = "edition_share"
    __table_args__ = (
        Index("ix_edition_share_edition_id", "edition_id", "recipe_id"),
        {"sqlite_with_rowid": False},
    )

    recipe_id: Mapped[str] = mapped_column(ForeignKey("recipe.id"), primary_key=True)
    measure: Mapped[str] = exported(MEASURE, NAME, primary_key=True)
    zone: Mapped[Zone] = exported("part of the edition", choice(Zone, "zone"), primary_key=True)
    edition_id: Mapped[int] = exported(EDITION, ForeignKey("edition.id"), primary_key=True)
    n: Mapped[int] = exported("photos that were read: the denominator", says=PHOTOS)
    decided: Mapped[int] = exported(
        "photos that show it by their own verdicts; no calibration decides here",
        name="by_verdict",
        says=PHOTOS | MISSING,
    )
    expected: Mapped[float] = exported("sum of the probabilities", says=PHOTOS | MISSING)
    area: Mapped[float] = exported("printed area of the n photos", says=PAGES_OF_PRINT)
    area_decided: Mapped[float] = exported(
        "of those that show it by their verdicts",
        name="area_by_verdict",
        says=PAGES_OF_PRINT | MISSING,
    )
    area_expected: Mapped[float] = exported(
        "sum of the probabilities by area", says=PAGES_OF_PRINT | MISSING
    )


class EditionFlagsRow(Table):
    """What is unusual in an edition under a recipe: the flags of its baseline.

    ``flags`` are objects with ``metric``, ``kind``, ``reason`` (see ``models.message``), ``value``
    and ``usual``; none for a usual edition. An edition that was not compared has no row.
    """

    __tablename__ = "edition_flags"

    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"), primary_key=True)
    recipe_id: Mapped[str] = mapped_column(ForeignKey("recipe.id"), primary_key=True)
    flags: Mapped[list[dict[str, Any]]] = mapped_column(JSON)


class NewspaperFlagsRow(Table):
    """How far the flags of the editions of a newspaper are true.

    ``made_of`` is the hash of all that they were made of, and ``known`` what it was when somebody
    last looked, at ``revision``: where both are the same the flags are true. ``due_at`` is when
    they are made again at the latest, though other work waits.
    """

    __tablename__ = "newspaper_flags"

    publication_id: Mapped[int] = mapped_column(ForeignKey("publication.id"), primary_key=True)
    recipe_id: Mapped[str] = mapped_column(ForeignKey("recipe.id"), primary_key=True)
    made_of: Mapped[str | None] = mapped_column(SHA)
    known: Mapped[str] = mapped_column(SHA)
    revision: Mapped[int]
    due_at: Mapped[datetime] = mapped_column(Moment)
