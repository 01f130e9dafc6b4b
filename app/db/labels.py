"""The tables of the labels that researchers add, and of their examples."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from presslens.app.db.columns import NAME, SHA, Table
from presslens.app.db.types import Floats, Moment
from presslens.models.vocabulary import Vector


class LabelRow(Table):
    """A label that a researcher has added, learnt under ``observation_id``.

    Its classifier is a weight for each image feature and an intercept. Its metrics are NULL, and
    ``failure`` says why, if it could not be learnt again under a new recipe.
    """

    __tablename__ = "label"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(NAME, unique=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    observation_id: Mapped[str] = mapped_column(SHA)
    version: Mapped[str] = mapped_column(SHA)
    failure: Mapped[str | None] = mapped_column(Text)
    coefficients: Mapped[Vector | None] = mapped_column(Floats)
    intercept: Mapped[float | None]
    ap: Mapped[float | None]
    f1: Mapped[float | None]
    calibration_error: Mapped[float | None]
    method: Mapped[str | None] = mapped_column(NAME)

    examples: Mapped[list[LabelExampleRow]] = relationship(
        order_by="LabelExampleRow.sha256", cascade="all, delete-orphan", passive_deletes=True
    )


class LabelExampleRow(Table):
    """A photo that shows what a label stands for, or doesn't, with its image features.

    ``fingerprint`` is missing from photos that were read before there were any.
    """

    __tablename__ = "label_example"

    label_id: Mapped[int] = mapped_column(
        ForeignKey("label.id", ondelete="CASCADE"), primary_key=True
    )
    sha256: Mapped[str] = mapped_column(SHA, primary_key=True)
    shows: Mapped[bool]
    name: Mapped[str] = mapped_column(NAME)
    features: Mapped[Vector] = mapped_column(Floats)
    fingerprint: Mapped[bytes | None] = mapped_column(LargeBinary)
