"""The canonical dump: equal for equal content, whatever the ids, times and order of work."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import Any

from sqlalchemy import Column, ColumnElement, CompoundSelect, UniqueConstraint, or_, select, union
from sqlalchemy.orm import Session

from presslens.app.db.claims import ClaimLookRow, ClaimRegistrationRow, ClaimRow, EventRow
from presslens.app.db.columns import Table
from presslens.app.db.exported_rows import row_classes, stored_cells, stored_table
from presslens.app.db.figures import FigureRow, ReferenceRow
from presslens.app.db.folios import seen_folio
from presslens.app.db.page_reviews import PageReviewRow
from presslens.app.db.publications import STATED, PublicationAliasRow
from presslens.app.db.reviews import ReviewRow, SettledAnswerRow
from presslens.app.db.rows import photo_interpretation, photo_observation, seen_face, seen_headlines
from presslens.app.db.samples import SampledPhotoRow, SampleEditionRow, SampleItemRow, SampleRow
from presslens.app.db.statistics import EditionMeasureRow, EditionShareRow, EditionSummaryRow
from presslens.app.db.tables import (
    EditionRow,
    InterpretationRow,
    LabelExampleRow,
    LabelRow,
    OutcomeRow,
    PageRow,
    PhotoRow,
    PublicationRow,
    RecipeRow,
    ScanRow,
    UploadFileRow,
)
from presslens.app.db.types import Moment
from presslens.app.installation import Installation
from presslens.app.services.exports.tables.registry import PUBLISHED, STORED_TABLES
from presslens.models.vocabulary import Face, Folio, PhotoInterpretation, PhotoObservation, Vector
from presslens.pipelines.document import PhotoContents, ServedCaption
from presslens.pipelines.result import served


def canonical_dump(home: Installation) -> str:
    """Return all stored content as JSON, sorted by content, with vectors as their hashes.

    What was withdrawn, what only the trash has, and the log of who did so, is history and no
    content: a scan is content if a page prints it or a sample has drawn it, a newspaper if it has
    an edition or more is said of it than its name. Reprints follow from the fingerprints.
    """
    return json.dumps(_content(home), indent=1, ensure_ascii=False) + "\n"


def _content(home: Installation) -> dict[str, Any]:
    with home.database.read() as session:
        return {
            "recipes": sorted(session.scalars(select(RecipeRow.id))),
            "newspapers": _sorted(
                _newspaper(session, row)
                for row in session.scalars(select(PublicationRow).where(_is_listed()))
            ),
            "editions": _sorted(
                _edition(session, edition) for edition in session.scalars(select(EditionRow))
            ),
            "outcomes": _sorted(
                _outcome(session, outcome)
                for outcome in session.scalars(
                    select(OutcomeRow).where(OutcomeRow.scan_id.in_(_used_scans()))
                )
            ),
            "figures": _sorted(_figure(figure) for figure in session.scalars(select(FigureRow))),
            "labels": _sorted(_label(label) for label in session.scalars(select(LabelRow))),
            "summaries": _sorted(
                _summary(session, row) for row in session.scalars(select(EditionSummaryRow))
            ),
            **_annotations(session),
            **_further_tables(session),
            "scans": sorted(_used_files(session).intersection(home.storage.scans())),
        }


def _used_scans() -> CompoundSelect[int]:
    """Return the query of the ids of the scans that are content."""
    printed = select(PageRow.scan_id).where(PageRow.scan_id.is_not(None))
    return union(printed, select(SampleItemRow.scan_id))


def _used_files(session: Session) -> set[str]:
    """Return the sha256 of each file that content is made of."""
    scans = select(ScanRow.sha256).where(ScanRow.id.in_(_used_scans()))
    others = (UploadFileRow.sha256, ReferenceRow.sha256, LabelExampleRow.sha256)
    queries = [scans, *(select(column) for column in others)]
    return {sha256 for query in queries for sha256 in session.scalars(query)}


def _sorted(documents: Any) -> list[dict[str, Any]]:
    """Sort by the first value of each document, its key, which is unique."""
    return sorted(documents, key=lambda document: next(iter(document.values())))


def _key(session: Session, row: Table) -> list[Any]:
    """Return what names a row in every installation: its unique columns, and keys in place of ids.

    A table without such columns is named by its primary key.
    """
    table = stored_table(type(row))
    unique = [one for one in table.constraints if isinstance(one, UniqueConstraint)]
    columns = unique[0].columns if unique else table.primary_key.columns
    return [value for column in columns for value in _named(session, row, column)]


def _named(session: Session, row: Table, column: Column[Any]) -> list[Any]:
    """Return the value of a column, or the key of the row that it refers to."""
    value = getattr(row, column.key)
    if value is None or not column.foreign_keys:
        return [value.isoformat() if isinstance(value, date) else value]
    target = next(iter(column.foreign_keys)).column
    referred = session.query(row_classes()[target.table.name]).filter(target == value).one()
    return _key(session, referred)


def _picked(row: Table, *names: str) -> dict[str, Any]:
    """Return some columns of a row."""
    return {name: getattr(row, name) for name in names}


def _further_tables(session: Session) -> dict[str, Any]:
    """Return the rows of exported tables that have no place of their own in the document."""
    tables: dict[str, Any] = {}
    for spec in STORED_TABLES:
        if spec.name not in PUBLISHED and (rows := session.scalars(select(spec.row)).all()):
            names = {cells.attribute for cells in stored_cells(spec.row)} - {"id"}
            columns = [c for c in stored_table(spec.row).columns if c.key in names]
            content = [c for c in columns if not isinstance(c.type, Moment)]
            named = (
                [value for column in content for value in _named(session, row, column)]
                for row in rows
            )
            tables[spec.name] = sorted(named, key=lambda row: [(v is not None, v) for v in row])
    return {"tables": tables} if tables else {}


def _is_listed() -> ColumnElement[bool]:
    """Return the condition for newspapers that have an edition, or of which more is said."""
    edition = select(EditionRow.id).where(EditionRow.publication_id == PublicationRow.id)
    return or_(
        edition.exists(),
        PublicationRow.aliases.any(),
        PublicationRow.identifiers.any(),
        *(getattr(PublicationRow, name).is_not(None) for name in STATED),
    )


def _newspaper(session: Session, row: PublicationRow) -> dict[str, Any]:
    aliases = select(PublicationAliasRow.name).filter_by(publication_id=row.id)
    return {
        "key": row.name,
        "aliases": sorted(session.scalars(aliases)),
        **_picked(row, "usual_pages", "weekdays", "languages", "country", "kind"),
        "masthead": row.masthead_sha256,
    }


def _edition(session: Session, edition: EditionRow) -> dict[str, Any]:
    return {
        "key": _key(session, edition),
        **_picked(edition, "pages_expected", "issue"),
        "files": [[file.sha256, file.size, file.name] for file in edition.files],
        "pages": [
            {
                **_picked(page, "number", "source"),
                "scan": _key(session, page.scan) if page.scan else None,
                **_picked(page, "status", "reason", "detail"),
            }
            for page in edition.pages
        ],
    }


def _outcome(session: Session, outcome: OutcomeRow) -> dict[str, Any]:
    standing = {photo.position for photo in outcome.photos}
    return {
        "key": _key(session, outcome),
        **_picked(outcome, "status", "reason", "detail"),
        "size": [outcome.width, outcome.height],
        "photos": [_photo(session, photo) for photo in outcome.photos],
        "headlines": [
            # Photos that were taken off the page keep their place under a headline.
            [h.box.to_list(), tuple(i for i in h.photos if i in standing), h.text]
            for h in seen_headlines(outcome)
        ],
        "folio": served(Folio | None, seen_folio(outcome.folio)),
    }


def _photo(session: Session, row: PhotoRow) -> dict[str, Any]:
    meanings = session.scalars(
        select(InterpretationRow).filter_by(photo_id=row.id).order_by(InterpretationRow.recipe_id)
    )
    return {
        **_seen(photo_observation(row)),
        "fingerprint": _digest(row.fingerprint.content if row.fingerprint else None),
        "by_hand": row.by_hand,
        "meanings": [
            {
                "recipe": meaning.recipe_id,
                **_picked(meaning, "gallery", "label_set"),
                **_contents(photo_interpretation(meaning)),
                "doubts": meaning.doubts,
            }
            for meaning in meanings
        ],
    }


def _contents(meaning: PhotoInterpretation) -> dict[str, Any]:
    document = PhotoContents(meaning).to_json()
    for figure in document["figures"]:
        del figure["lead"]  # it is the page's
    return document


def _seen(photo: PhotoObservation) -> dict[str, Any]:
    return {
        "box": photo.frame.box.to_list(),
        "score": photo.frame.score,
        "features": _digest(photo.features),
        "objects": _digest(photo.objects),
        "maps": _digest(photo.maps.ravel()),
        "attention": _digest(photo.attention.ravel()),
        "detections": [[d.label, d.box.to_list(), d.score, d.child] for d in photo.detections],
        "faces": [_face(face) for face in photo.faces],
        "caption": served(ServedCaption | None, photo.caption),
    }


def _face(face: Face) -> list[Any]:
    marks = [list(mark) for mark in face.landmarks]
    embedding = _digest(face.embedding)
    return [face.box.to_list(), face.score, marks, face.child, face.sharpness, embedding]


def _digest(content: Vector | bytes | None) -> str | None:
    if content is None:
        return None
    data = content if isinstance(content, bytes) else content.tobytes()
    return hashlib.sha256(data).hexdigest()


def _summary(session: Session, row: EditionSummaryRow) -> dict[str, Any]:
    edition = session.get_one(EditionRow, row.edition_id)
    shares = session.scalars(
        select(EditionShareRow)
        .filter_by(edition_id=row.edition_id, recipe_id=row.recipe_id)
        .order_by(EditionShareRow.measure, EditionShareRow.zone)
    )
    measures = session.scalars(
        select(EditionMeasureRow)
        .filter_by(edition_id=row.edition_id, recipe_id=row.recipe_id)
        .order_by(EditionMeasureRow.measure)
    )
    ids = ("edition_id", "recipe_id", "front_lead_photo_id", "photo_ids")
    return {
        "key": [*_key(session, edition), row.recipe_id],
        # A version is another one at each writing, and outdated is what waits to be made again.
        "plain": _columns(row, *ids, "version", "outdated"),
        "measures": [_columns(measure, "edition_id", "recipe_id") for measure in measures],
        "shares": [_columns(share, "edition_id", "recipe_id") for share in shares],
    }


def _columns(row: Table, *but: str) -> dict[str, Any]:
    """Return the columns of a row, without those that are not content."""
    names = (column.key for column in row.__mapper__.column_attrs if column.key not in but)
    return _picked(row, *names)


def _figure(figure: FigureRow) -> dict[str, Any]:
    return {
        "key": figure.name,
        "roles": sorted([row.publication.name, row.role] for row in figure.roles),
        "references": [_reference(row) for row in sorted(figure.references, key=_reference_key)],
    }


def _reference_key(row: ReferenceRow) -> tuple[str, int, float, float]:
    return row.sha256, row.frame, row.x0, row.y0


def _reference(row: ReferenceRow) -> dict[str, Any]:
    return {
        **_picked(row, "sha256", "frame"),
        "place": [row.x0, row.y0, row.x1, row.y1],
        "name": row.name,
        "vouched": row.vouched_by is not None,
        **_picked(row, "status", "reason", "detail"),
        "faces": [_face(seen_face(face)) for face in row.faces],
    }


def _label(label: LabelRow) -> dict[str, Any]:
    return {
        "key": label.name,
        **_picked(label, "version", "failure"),
        "figures": [label.ap, label.f1, label.calibration_error, label.method],
        "examples": [
            [e.sha256, e.shows, e.name, _digest(e.features), _digest(e.fingerprint)]
            for e in label.examples
        ],
    }


def _annotations(session: Session) -> dict[str, list[Any]]:
    """Return reviews, settled answers, claims with what is frozen, and events, by content."""
    return {
        "reviews": _standing(session, ReviewRow, _review),
        "settled": sorted(_consensus(session)),
        "samples": _sorted(_sample(session, row) for row in session.scalars(select(SampleRow))),
        "page_reviews": _standing(session, PageReviewRow, _page_review),
        "claims": sorted(
            [
                *_key(session, c),
                c.rule,
                c.statement,
                c.publication,
                str(c.first_date),
                str(c.last_date),
            ]
            for c in session.scalars(select(ClaimRow))
        ),
        "registrations": sorted(
            [*_key(session, one), one.sha256, one.scans]
            for one in session.scalars(select(ClaimRegistrationRow))
        ),
        "looks": sorted(
            [
                *_key(session, session.get_one(ClaimRow, one.claim_id)),
                one.editions,
                one.verdict.value,
            ]
            for one in session.scalars(select(ClaimLookRow))
        ),
        "events": sorted(
            [str(event.event_date), event.title, event.place or "", event.source]
            for event in session.scalars(select(EventRow))
        ),
    }


def _standing(session: Session, row: Any, document: Any) -> list[dict[str, Any]]:
    """Return the documents of rows that were not withdrawn."""
    rows = session.scalars(select(row).filter_by(withdrawn_at=None))
    return sorted((document(session, one) for one in rows), key=str)


def _review(session: Session, row: ReviewRow) -> dict[str, Any]:
    scan = session.get_one(ScanRow, row.scan_id)
    return {
        "key": [*_key(session, scan), row.x0, row.y0, row.x1, row.y1],
        "coder": row.coder,
        "answers": [[answer.measure, answer.shows, answer.place] for answer in row.answers],
        **_picked(row, "adjudicates", "note"),
    }


def _sample(session: Session, row: SampleRow) -> dict[str, Any]:
    framed = (
        select(EditionRow, SampleEditionRow.sizes)
        .join(SampleEditionRow, SampleEditionRow.edition_id == EditionRow.id)
        .where(SampleEditionRow.sample_id == row.id)
    )
    items = select(SampleItemRow).filter_by(sample_id=row.id).order_by(SampleItemRow.place)
    return {
        "key": row.name,
        "measures": [one.measure for one in row.measures],
        "columns": _columns(
            row, "id", "name", "created_at", "first_date", "last_date", "measures", "strata"
        ),
        "days": [str(row.first_date), str(row.last_date)],
        "strata": [[one.definition, one.size, one.drawn] for one in row.strata],
        "editions": sorted(
            [*_key(session, edition), sizes] for edition, sizes in session.execute(framed)
        ),
        "items": [_item(session, item) for item in session.scalars(items)],
    }


def _item(session: Session, item: SampleItemRow) -> dict[str, Any]:
    sampled = (
        select(OutcomeRow.observation_id, SampledPhotoRow.measure, SampledPhotoRow.status)
        .join(PhotoRow, PhotoRow.id == SampledPhotoRow.photo_id)
        .join(OutcomeRow, OutcomeRow.id == PhotoRow.outcome_id)
        .where(SampledPhotoRow.item_id == item.id)
    )
    return {
        "scan": _key(session, session.get_one(ScanRow, item.scan_id)),
        **_columns(item, "id", "sample_id", "scan_id"),
        "status": sorted(map(list, session.execute(sampled))),
    }


def _page_review(session: Session, row: PageReviewRow) -> dict[str, Any]:
    return {
        "key": _key(session, session.get_one(ScanRow, row.scan_id)),
        **_picked(row, "coder", "checked", "adjudicates", "two_editions"),
        "marks": [[*mark.box.to_list(), mark.photos, mark.boxes] for mark in row.marks],
        "note": row.note,
    }


def _consensus(session: Session) -> list[list[Any]]:
    query = (
        select(PhotoRow, SettledAnswerRow)
        .join(OutcomeRow, OutcomeRow.id == PhotoRow.outcome_id)
        .join(SettledAnswerRow, SettledAnswerRow.photo_id == PhotoRow.id)
        .where(OutcomeRow.scan_id.in_(_used_scans()))
    )
    return [
        [*_key(session, photo), row.measure, row.shows, row.codebook]
        for photo, row in session.execute(query)
    ]
