"""The tables of the labels that researchers add, and of their examples."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from presslens.app.db.columns import NAME, SHA, Table
from presslens.app.db.exported import FIXED, SHARE, Exported, exported
from presslens.app.db.types import Floats, Moment
from presslens.models.vocabulary import Vector


class LabelRow(Table):
    """A label that a researcher has added, learnt under ``observation_id``.

    Its metrics are NULL, and ``failure`` says why, if it could not be learnt again under a new
    recipe.
    """

    __export__ = Exported(
        "own_labels",
        "A label that a researcher added, and the accuracy of its classifier, cross-validated.",
        ("label",),
        order=("id",),
    )
    __tablename__ = "label"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = exported(
        "what it is called: joins with labels", NAME, name="label", says=FIXED, unique=True
    )
    created_at: Mapped[datetime] = exported("when it was added", Moment)
    observation_id: Mapped[str] = exported(
        "hash of the rules of observation that it was learnt under", SHA
    )
    version: Mapped[str] = exported("hash of what was learnt", SHA)
    failure: Mapped[str | None] = exported("why it is not used", Text)
    ap: Mapped[float | None] = exported(
        "of photos that its classifier never saw", name="average_precision", says=SHARE
    )
    f1: Mapped[float | None] = exported("at probability 0.5, of the same", says=SHARE)
    calibration_error: Mapped[float | None] = exported(
        "of its probabilities, of the same", says=SHARE
    )
    method: Mapped[str | None] = exported("how that was measured", NAME)
    intercept: Mapped[float | None] = exported("of its logistic regression", says={"low": None})
    coefficients: Mapped[Vector | None] = exported("one for each image feature", Floats)

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
