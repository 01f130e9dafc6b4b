"""The tables of the enrolled figures and their references."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from presslens.app.db.columns import NAME, SHA, FaceColumns, Status, Table, choice
from presslens.app.db.exported import Exported, exported, exported_key
from presslens.app.db.publications import PublicationRow
from presslens.app.db.types import Moment
from presslens.models.faces.gallery import Role
from presslens.models.geometry import Box


class FigureRow(Table):
    """An enrolled public person."""

    __export__ = Exported(
        "figures",
        "A public person who was enrolled to be recognised. Nobody else has a name or a number.",
        ("figure_id",),
    )
    __tablename__ = "figure"

    id: Mapped[int] = exported("the figure: joins with sightings", primary_key=True)
    name: Mapped[str] = exported("name of the figure", NAME, name="figure", unique=True)
    created_at: Mapped[datetime] = exported(
        "when the figure was enrolled", Moment, name="enrolled_at"
    )

    references: Mapped[list[ReferenceRow]] = relationship(
        order_by="ReferenceRow.sha256, ReferenceRow.id", cascade="all, delete-orphan"
    )
    roles: Mapped[list[FigureRoleRow]] = relationship(
        order_by="FigureRoleRow.publication_id", cascade="all, delete-orphan", passive_deletes=True
    )


class FigureRoleRow(Table):
    """The role of a figure in a newspaper; in a newspaper without a row the figure has none."""

    __export__ = Exported(
        "figure_roles",
        "The role of a figure in a newspaper. Photos of its leaders are counted as the leader's.",
        ("figure_id", "publication"),
    )
    __tablename__ = "figure_role"

    figure_id: Mapped[int] = exported(
        "the figure: joins with figures",
        ForeignKey("figure.id", ondelete="CASCADE"),
        primary_key=True,
    )
    publication_id: Mapped[int] = exported_key(
        ForeignKey("publication.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    role: Mapped[Role] = exported(
        "what the figure is to the newspaper", choice(Role, "role", checked=False)
    )

    publication: Mapped[PublicationRow] = relationship(lazy="joined", innerjoin=True)


class ReferenceRow(Table):
    """A photo that shows a figure, or a face on a page that was confirmed to be the figure's.

    It waits until it is observed under the recipe's ``observation_id``. The box of a confirmed
    face is in shares of its page, so that it holds at another resolution; that of a
    photo is empty, for its largest face counts. ``vouched_by`` has said that the face is that of
    the figure, and an adult's, whatever it was judged to be.
    """

    __tablename__ = "reference"
    __table_args__ = (UniqueConstraint("figure_id", "sha256", "frame", "x0", "y0", "x1", "y1"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    figure_id: Mapped[int] = mapped_column(ForeignKey("figure.id"))
    sha256: Mapped[str] = mapped_column(SHA)
    frame: Mapped[int] = mapped_column(default=0)
    x0: Mapped[float] = mapped_column(default=0.0)
    y0: Mapped[float] = mapped_column(default=0.0)
    x1: Mapped[float] = mapped_column(default=0.0)
    y1: Mapped[float] = mapped_column(default=0.0)
    name: Mapped[str] = mapped_column(NAME)
    created_at: Mapped[datetime] = mapped_column(Moment)
    observation_id: Mapped[str | None] = mapped_column(SHA)
    status: Mapped[Status | None] = mapped_column(choice(Status, "status"))
    reason: Mapped[str | None] = mapped_column(NAME)
    detail: Mapped[str | None] = mapped_column(Text)
    vouched_by: Mapped[str | None] = mapped_column(NAME)

    faces: Mapped[list[ReferenceFaceRow]] = relationship(
        order_by="ReferenceFaceRow.position",
        cascade="all, delete-orphan",
        passive_deletes=True,
    )

    @property
    def place(self) -> Box | None:
        """Where the confirmed face is, in shares of its page; None for a photo that was given."""
        return Box(self.x0, self.y0, self.x1, self.y1) if self.x1 > self.x0 else None


class ReferenceFaceRow(FaceColumns, Table):
    """The largest face of a reference photo, and the next one, which is never embedded."""

    __tablename__ = "reference_face"

    reference_id: Mapped[int] = mapped_column(
        ForeignKey("reference.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)


class DiscardedFileRow(Table):
    """A reference photo that was removed: its file goes too, if nothing else needs it."""

    __tablename__ = "discarded_file"

    sha256: Mapped[str] = mapped_column(SHA, primary_key=True)
    discarded_at: Mapped[datetime] = mapped_column(Moment)
