"""The tables of fingerprints of photos, their words, and the reprints that were found by them."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, LargeBinary, false, text
from sqlalchemy.orm import Mapped, mapped_column

from presslens.app.db.columns import Table
from presslens.app.db.exported import PHOTO, Exported, exported


class FingerprintRow(Table):
    """The fingerprint of a photo, as ``models.reprints.stored`` has it.

    ``compared``: its words are filed, and it was compared with the photos that share some. Photos
    that were observed before there were fingerprints have none, nor have those of a snapshot.
    """

    __tablename__ = "photo_fingerprint"
    __table_args__ = (
        Index(
            "ix_photo_fingerprint_waiting",
            "photo_id",
            sqlite_where=text("NOT compared"),
            postgresql_where=text("NOT compared"),
        ),
    )

    photo_id: Mapped[int] = mapped_column(
        ForeignKey("photo.id", ondelete="CASCADE"), primary_key=True
    )
    content: Mapped[bytes] = mapped_column(LargeBinary)
    compared: Mapped[bool] = mapped_column(default=False, server_default=false())


class FingerprintWordRow(Table):
    """A word that a photo is filed under, so that prints of its picture are looked up by it."""

    __tablename__ = "fingerprint_word"
    __table_args__ = (Index(None, "word"), {"sqlite_with_rowid": False})

    photo_id: Mapped[int] = mapped_column(
        ForeignKey("photo.id", ondelete="CASCADE"), primary_key=True
    )
    word: Mapped[int] = mapped_column(primary_key=True)


class ReprintRow(Table):
    """Two photos that are prints of one picture; each pair has two rows, one a direction.

    ``places`` and ``likeness`` are those of ``models.reprints.decision.PrintAgreement``.
    """

    __export__ = Exported(
        "reprints",
        "Two photos that are prints of one picture; each pair is there twice, once from either"
        " side.",
        ("photo_id", "other_id"),
        of_recipe=True,
    )
    __tablename__ = "reprint"

    photo_id: Mapped[int] = exported(
        PHOTO, ForeignKey("photo.id", ondelete="CASCADE"), primary_key=True
    )
    other_id: Mapped[int] = exported(
        "the other print", ForeignKey("photo.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    places: Mapped[int] = exported("how many places of the two agree")
    likeness: Mapped[float] = exported(
        "correlation of the two laid on each other", says={"low": -1, "high": 1}
    )
