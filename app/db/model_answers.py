"""The table of models' answers, apart from those of people: nothing that is counted reads it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped

from presslens.app.db.columns import NAME, Table
from presslens.app.db.exported import MEASURE, PHOTO, SHARE, Exported, exported
from presslens.app.db.types import Moment

MODEL = "model:"
"""Begins the names of machine coders, and no person's."""


def is_model(coder: str) -> bool:
    """Return whether the name of a coder is a model's."""
    return coder.strip().lower().startswith(MODEL)


class ModelAnswerRow(Table):
    """What a model, a named machine coder, says about a photo; NULL: it can't tell.

    It is no review: it settles no photo, is in no consensus and no sample, and statistics of people
    and of the machine here are the same with it and without it.
    """

    __export__ = Exported(
        "model_answers",
        "The answer of a machine coder, a model that somebody has asked: never what people say, and"
        " in no number of people or of the machine here.",
        ("photo_id", "measure", "coder"),
        of_recipe=True,
    )
    __tablename__ = "model_answer"

    photo_id: Mapped[int] = exported(
        PHOTO, ForeignKey("photo.id", ondelete="CASCADE"), primary_key=True
    )
    measure: Mapped[str] = exported(MEASURE, NAME, primary_key=True)
    coder: Mapped[str] = exported("model:NAME@VERSION", NAME, primary_key=True, index=True)
    shows: Mapped[bool | None] = exported("the photo shows it; missing: the model can't tell")
    confidence: Mapped[float | None] = exported("how sure the model says it is", says=SHARE)
    reason: Mapped[str | None] = exported("why, in the model's words", Text)
    codebook: Mapped[str] = exported("the codebook that the model was asked by", NAME)
    added_at: Mapped[datetime] = exported("when the answer was taken in", Moment)
