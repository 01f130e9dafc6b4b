"""The tables of interpretations of photos under a recipe."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, ForeignKey, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, MappedColumn, mapped_column, relationship

from presslens.app.db.columns import (
    BEHIND_BOX,
    BOXES,
    NAME,
    REASONS,
    SHA,
    AppearanceColumns,
    BoxColumns,
    Table,
    choice,
)
from presslens.app.db.exported import FIXED, PHOTO, SHARE, Exported, PartOf, exported
from presslens.app.db.figures import FigureRow
from presslens.models.vocabulary import Answer, Focus, SightingEvidence, Subject

PAIRS = "[what, contribution] pairs, strongest first"


class InterpretationRow(Table):
    """The interpretation of a photo under a recipe, with these figures and own labels.

    When ``gallery`` or ``label_set`` is not today's, the photo is interpreted again. ``reasons``
    are [feature, contribution, level]; rows that were written before there were levels have pairs.
    ``doubts`` are [figure, probability] of figures without a sighting; no row of ``figure`` keeps a
    name there, so whoever removes a figure has to take it out.
    """

    __export__ = PartOf("photos")
    __tablename__ = "interpretation"
    __table_args__ = (Index("ix_interpretation_verdict", "recipe_id", "verdict", "photo_id"),)

    photo_id: Mapped[int] = mapped_column(
        ForeignKey("photo.id", ondelete="CASCADE"), primary_key=True
    )
    recipe_id: Mapped[str] = mapped_column(ForeignKey("recipe.id"), primary_key=True)
    verdict: Mapped[Focus] = exported(
        "what it is composed around, by the machine; missing until a drawn photo was looked at, and"
        " where a share of this focus is not offered",
        choice(Focus, "verdict"),
        name="focus",
    )
    leader: Mapped[float] = exported(
        "score that the leader is the focus", name="focus_leader", says=SHARE
    )
    facility: Mapped[float] = exported(
        "score that the facility is the focus", name="focus_facility", says=SHARE
    )
    reasons: Mapped[list[list[Any]]] = exported(
        f"{PAIRS}; a third number: its level", JSON, name="focus_reasons", shape=REASONS
    )
    gallery: Mapped[str] = exported("hash of the enrolled figures that it was searched for", SHA)
    label_set: Mapped[str | None] = exported(
        "hash of the researcher's labels that it was read for", SHA
    )
    doubts: Mapped[list[list[Any]]] = mapped_column(JSON, server_default="[]")

    readings: Mapped[list[SubjectReadingRow]] = relationship(cascade="all, delete-orphan")
    labels: Mapped[list[LabelReadingRow]] = relationship(cascade="all, delete-orphan")
    sightings: Mapped[list[SightingRow]] = relationship(cascade="all, delete-orphan")


def _of_interpretation() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["photo_id", "recipe_id"],
        ["interpretation.photo_id", "interpretation.recipe_id"],
        ondelete="CASCADE",
    )


def _photo() -> MappedColumn[int]:
    return exported(PHOTO, primary_key=True)


class SubjectReadingRow(Table):
    """Whether a photo shows a subject."""

    __export__ = Exported(
        "subjects",
        "Whether a photo shows a subject of the codebook; five rows a photo.",
        ("photo_id", "subject"),
        of_recipe=True,
    )
    __tablename__ = "subject_reading"
    __table_args__ = (
        _of_interpretation(),
        Index("ix_subject_reading_subject", "recipe_id", "subject", "probability"),
    )

    photo_id: Mapped[int] = _photo()
    recipe_id: Mapped[str] = mapped_column(SHA, primary_key=True)
    subject: Mapped[Subject] = exported(
        "what may be shown", choice(Subject, "subject"), primary_key=True
    )
    probability: Mapped[float] = exported("calibrated, that it is shown", says=SHARE)
    count: Mapped[int | None] = exported("how many; for people, crowd and children")
    count_low: Mapped[int | None] = exported(
        "lower end of the interval of count, which is to hold the number of people nine times out"
        " of ten; of children: the same interval times their share"
    )
    count_high: Mapped[int | None] = exported("its upper end")
    places: Mapped[list[list[float]] | None] = exported(
        "boxes [x0, y0, x1, y1] round fireworks and buildings, never persons",
        JSON,
        shape=BOXES,
        says={"unit": "pixels of the page"},
    )


class LabelReadingRow(Table):
    """Whether a photo shows what a label stands for, a built-in or a researcher's own one."""

    __export__ = Exported(
        "labels",
        "Whether a photo shows what a label stands for, a built-in or a researcher's own one.",
        ("photo_id", "label"),
        of_recipe=True,
    )
    __tablename__ = "label_reading"
    __table_args__ = (
        _of_interpretation(),
        Index("ix_label_reading_label", "recipe_id", "label", "probability"),
    )

    photo_id: Mapped[int] = _photo()
    recipe_id: Mapped[str] = mapped_column(SHA, primary_key=True)
    label: Mapped[str] = exported("what may be shown", NAME, says=FIXED, primary_key=True)
    probability: Mapped[float] = exported("calibrated, that it is shown", says=SHARE)


class SightingRow(BoxColumns, AppearanceColumns, Table):
    """A figure seen in a photo, and how he is shown; the box is the face."""

    __export__ = Exported(
        "sightings",
        "An enrolled figure in a photo, and how the figure is shown.",
        ("photo_id", "figure_id"),
        of_recipe=True,
        box="the figure's face",
    )
    __tablename__ = "sighting"
    __table_args__ = (_of_interpretation(),)

    photo_id: Mapped[int] = _photo()
    recipe_id: Mapped[str] = mapped_column(SHA, primary_key=True)
    figure_id: Mapped[int] = exported(
        "the figure: joins with figures", ForeignKey("figure.id"), primary_key=True, index=True
    )
    probability: Mapped[float] = exported("calibrated, that it is the figure", says=SHARE)
    answer: Mapped[Answer] = exported(
        "whether that is sure", choice(Answer, "answer"), server_default="yes"
    )
    told_by: Mapped[SightingEvidence] = exported(
        "what the figure was recognised by",
        choice(SightingEvidence, "told_by"),
        server_default="face",
    )
    reasons: Mapped[list[list[Any]]] = exported(
        PAIRS, JSON, shape=REASONS, server_default="[]", sort_order=BEHIND_BOX + 1
    )

    figure: Mapped[FigureRow] = relationship(lazy="joined", innerjoin=True)
