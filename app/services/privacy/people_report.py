"""What is stored of people: enrolled figures, other faces, coders."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session

from presslens.app.db.accounts import AccountRow, AuditRow, InvitationRow, ShareLinkRow
from presslens.app.db.cipher import EmbeddingKeyRow
from presslens.app.db.coding import FlagAnswerRow, FlagRow, RepeatedAnswerRow, TrainingRoundRow
from presslens.app.db.columns import FaceColumns
from presslens.app.db.edits import UNNAMED, Action, EditRow
from presslens.app.db.figures import FigureRow, ReferenceFaceRow, ReferenceRow
from presslens.app.db.page_reviews import PageReviewRow
from presslens.app.db.publications import TrashedEditionRow
from presslens.app.db.reviews import ReviewAnswerRow, ReviewRow
from presslens.app.db.samples import SampleItemRow, SampleRow
from presslens.app.db.tables import FaceRow, SightingRow
from presslens.app.installation import Installation
from presslens.app.services.accounts.audit import OF_ACCOUNTS
from presslens.app.services.accounts.identity import Via
from presslens.app.services.privacy.encryption import unencrypted
from presslens.pipelines.statistics.measure import FIGURE

CODERS = {
    "reviews": ReviewRow.coder,
    "page_reviews": PageReviewRow.coder,
    "edits": EditRow.coder,
    "undone_edits": EditRow.undone_by,
    "sample_items": SampleItemRow.coder,
    "second_codings": SampleItemRow.second_coder,
    "deleted_editions": TrashedEditionRow.deleted_by,
    "vouched_references": ReferenceRow.vouched_by,
    "flags": FlagRow.coder,
    "settled_flags": FlagRow.settled_by,
    "flag_answers": FlagAnswerRow.coder,
    "repeated_answers": RepeatedAnswerRow.coder,
    "training_rounds": TrainingRoundRow.coder,
    "made_training_rounds": TrainingRoundRow.made_by,
    "invited": InvitationRow.name,
    "invitations": InvitationRow.made_by,
    "share_links": ShareLinkRow.made_by,
    "audit": AuditRow.actor,
    "audit_targets": AuditRow.target,
}
"""The columns with names of coders, beside ``sample.coders``."""

_OF_ACCOUNTS = select(AccountRow.name)
NAMES_PEOPLE: dict[str, ColumnElement[bool]] = {
    "share_links": ShareLinkRow.made_by.in_(_OF_ACCOUNTS),
    "invitations": InvitationRow.made_by.in_(_OF_ACCOUNTS),
    "audit": (AuditRow.via == Via.LOGIN)
    | ((AuditRow.via == Via.KEY) & AuditRow.actor.in_(_OF_ACCOUNTS)),
    "audit_targets": AuditRow.action.in_(OF_ACCOUNTS),
}
"""In which rows such a column holds the name of a person; the others of it are of keys, of the
command line, of nobody, and paths of exports. A column that is not here holds only names."""


@dataclass(frozen=True, slots=True)
class StoredFigure:
    """What is stored of a figure."""

    name: str  # the figure's name
    roles: dict[str, str]  # what the figure is to newspapers, by their names
    # The public role that was declared at enrolment; None: before there was one.
    public_role: str | None
    enrolled_at: datetime  # when
    references: int  # number of reference photos
    embeddings: int  # number of embeddings of their faces
    sightings: int  # number of photos, under all recipes, that the machine takes to show it
    answers: int  # number of answers of coders about it


@dataclass(frozen=True, slots=True)
class StoredFaces:
    """What is stored of faces in photos, enrolled or not; none but a figure's has a name."""

    faces: int  # number of boxes with landmarks
    children: int  # of them, those that are judged to be children's
    embeddings: int  # of them, those with an embedding
    embeddings_of_children: int  # of the children's, those with an embedding: 0


@dataclass(frozen=True, slots=True)
class PeopleReport:
    """What is stored of people."""

    figures: list[StoredFigure]  # of each enrolled figure, by name
    coders: dict[str, dict[str, int]]  # of each coder's name, how often it stands where
    photos: StoredFaces
    references: StoredFaces  # of faces in reference photos
    key: str | None  # the id of the key that embeddings are encrypted with; None: they are not
    unencrypted: int  # number of embeddings that are not encrypted

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON."""
        document = asdict(self)
        for figure in document["figures"]:
            figure["enrolled_at"] = figure["enrolled_at"].isoformat()
        return document


def report_people(home: Installation) -> PeopleReport:
    """Return what is stored of people: how much, not the content."""
    limit = home.recipe.observe.faces.child
    with home.database.read() as session:
        tables = (FaceRow, ReferenceFaceRow)
        photos, references = (_faces(session, table, limit) for table in tables)
        return PeopleReport(
            _figures(session),
            _coders(session),
            photos,
            references,
            session.scalar(select(EmbeddingKeyRow.id)),
            sum(_count(session, unencrypted(table)) for table in tables),
        )


def _figures(session: Session) -> list[StoredFigure]:
    figures = session.scalars(select(FigureRow).order_by(FigureRow.name)).all()
    return [
        StoredFigure(
            figure.name,
            {row.publication.name: row.role for row in figure.roles},
            _declared(session, figure),
            figure.created_at,
            _count(session, ReferenceRow.figure_id == figure.id),
            _count(
                session,
                ReferenceFaceRow.embedding.is_not(None),
                ReferenceFaceRow.reference_id.in_(
                    select(ReferenceRow.id).filter_by(figure_id=figure.id)
                ),
            ),
            _count(session, SightingRow.figure_id == figure.id),
            _count(session, ReviewAnswerRow.measure == f"{FIGURE}{figure.name}"),
        )
        for figure in figures
    ]


def _declared(session: Session, figure: FigureRow) -> str | None:
    """Return the public role that the figure's enrolment declares."""
    edit = session.scalars(
        select(EditRow)
        .where(
            EditRow.action == Action.ENROL,
            EditRow.target == "figure",
            EditRow.target_id == figure.id,
            EditRow.created_at >= figure.created_at,  # an id may be given again
        )
        .order_by(EditRow.id.desc())
    ).first()
    return edit.change.get("public_role") if edit is not None else None


def _coders(session: Session) -> dict[str, dict[str, int]]:
    counts: dict[str, Counter[str]] = {}
    for where, column in CODERS.items():
        people = NAMES_PEOPLE.get(where, true())
        query = select(column, func.count()).where(column.is_not(None), people).group_by(column)
        for name, count in session.execute(query):
            counts.setdefault(str(name), Counter())[where] += count
    for names in session.scalars(select(SampleRow.coders)):
        for name in names:
            counts.setdefault(name, Counter())["samples"] += 1
    counts.pop(UNNAMED, None)
    return {name: dict(counts[name]) for name in sorted(counts)}


def _faces(session: Session, table: type[FaceColumns], limit: float) -> StoredFaces:
    child, embedded = table.child >= limit, table.embedding.is_not(None)
    of_table = table.child.is_not(None)
    return StoredFaces(
        _count(session, of_table),
        _count(session, child),
        _count(session, embedded),
        _count(session, child, embedded),
    )


def _count(session: Session, *conditions: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).where(*conditions)) or 0
