"""Puts the rows of a snapshot into the tables, and gives them ids that are free.

In an empty installation every id stays as it was, so that every answer is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from sqlalchemy import select

from app.db.claims import ClaimRow, EventRow
from app.db.columns import Table
from app.db.reviews import ReviewAnswerRow, ReviewRow, SettledAnswerRow
from app.db.statistics import EditionShareRow, EditionSummaryRow
from app.db.tables import (
    CaptionRow,
    DetectionRow,
    InterpretationRow,
    LabelReadingRow,
    PhotoRow,
    SightingRow,
    SubjectReadingRow,
)
from app.errors import Conflict
from app.services.exports.snapshot.id_map import BATCH
from app.services.exports.snapshot.merge_pages import CORNERS, PageMerge
from app.services.exports.snapshot.read import Record
from app.services.exports.snapshot.shape import (
    drawn_from,
    page_types,
    picked,
    places,
    reasons,
    said,
)

SHOWN = (*(f"body_{name}" for name in CORNERS), "body_found", "area_share", "face_share",
    "centrality", "size_rank", "people_beside", "row", "shot_size", "facing")  # fmt: skip


PLACEMENT = ("area_share", "above_fold", "quadrant")


class Merge(PageMerge):
    """One import, inside one transaction."""

    def add(self, name: str, rows: Iterator[Record]) -> int:
        """Add the rows of a table, those first that others refer to; return how many were new.

        Raises:
            InvalidRequest: A row refers to one that is not there, or holds what can't be.
            Conflict: The same name stands for something else here.
        """
        added: int = getattr(self, f"_add_{name}")(rows)
        return added

    def _add_photos(self, rows: Iterator[Record]) -> int:
        added = 0
        while some := list(islice(rows, BATCH)):
            fresh = [row for row in some if self._is_fresh(row)]
            added += self._put(PhotoRow, [self._photo(row) for row in fresh])
            self._put(InterpretationRow, [self._interpretation(row) for row in fresh])
        return added

    def _is_fresh(self, row: Record) -> bool:
        """Take note of a photo, and tell whether it is new here."""
        outcome, old = self._found(self._pages, row["page_id"], "page"), row["photo_id"]
        if outcome is not None:
            self._photos[old] = self._new_id(PhotoRow, old)
            self._fresh_photos.add(old)
            return True
        known = self._outcomes.get(row["page_id"])
        if old not in self._photos and known is not None:
            here = select(PhotoRow.id).filter_by(outcome_id=known, position=row["position"])
            self._photos[old] = self._session.scalar(here) or 0
        self._photos.setdefault(old, 0)
        return False

    def _photo(self, row: Record) -> Record:
        return {
            "id": self._photos[row["photo_id"]],
            "outcome_id": self._pages[row["page_id"]],
            "is_lead": row["lead"],
            **picked(row, "position", "score", *PLACEMENT, *CORNERS),
        }

    def _interpretation(self, row: Record) -> Record:
        return {
            "photo_id": self._photos[row["photo_id"]],
            "recipe_id": self._recipe.id,
            "verdict": row["focus"],
            "leader": row["focus_leader"],
            "facility": row["focus_facility"],
            "reasons": reasons(row["focus_reasons"]),
            **picked(row, "gallery", "label_set"),
        }

    def _of_photos(
        self, table: type[Table], rows: Iterator[Record], make: Callable[[Record], Record]
    ) -> int:
        """Add rows of photos that are new here."""

        def fresh() -> Iterator[Record]:
            for row in rows:
                photo = self._found(self._photos, row["photo_id"], "photo")
                if row["photo_id"] in self._fresh_photos:
                    yield {"photo_id": photo, **make(row)}

        return self._put(table, fresh())

    def _add_captions(self, rows: Iterator[Record]) -> int:
        return self._of_photos(
            CaptionRow, rows, lambda row: {"text": said(row), **picked(row, "place", *CORNERS)}
        )

    def _add_subjects(self, rows: Iterator[Record]) -> int:
        names = ("subject", "probability", "count", "count_low", "count_high")
        return self._of_photos(
            SubjectReadingRow,
            rows,
            lambda row: {
                "recipe_id": self._recipe.id,
                "places": places(row["places"]),
                **picked(row, *names),
            },
        )

    def _add_labels(self, rows: Iterator[Record]) -> int:
        recipe = {"recipe_id": self._recipe.id}
        return self._of_photos(
            LabelReadingRow, rows, lambda row: recipe | picked(row, "label", "probability")
        )

    def _add_sightings(self, rows: Iterator[Record]) -> int:
        names = ("probability", "answer", "told_by", *CORNERS, *SHOWN)
        return self._of_photos(
            SightingRow,
            rows,
            lambda row: {
                "recipe_id": self._recipe.id,
                "figure_id": self._found(self._figures, row["figure_id"], "figure"),
                "reasons": reasons(row["reasons"]),
                **picked(row, *names),
            },
        )

    def _add_detections(self, rows: Iterator[Record]) -> int:
        names = ("position", "label", "score", *CORNERS)
        return self._of_photos(DetectionRow, rows, lambda row: picked(row, *names))

    def _of_editions(self, rows: Iterator[Record]) -> Iterator[Record]:
        for row in rows:
            edition = self._found(self._editions, row["edition_id"], "edition")
            if edition is not None:
                names = row.keys() - {"recipe", "edition_id"}
                yield {"edition_id": edition, "recipe_id": self._recipe.id, **picked(row, *names)}

    def _add_edition_summary(self, rows: Iterator[Record]) -> int:
        def fresh() -> Iterator[Record]:
            for row in self._of_editions(rows):
                lead, types = row["front_lead_photo_id"], page_types(row["page_types"])
                photo = None if lead is None else self._found(self._photos, lead, "photo")
                yield row | {"front_lead_photo_id": photo or None, "page_types": types}

        return self._put(EditionSummaryRow, fresh())

    def _add_edition_share(self, rows: Iterator[Record]) -> int:
        return self._put(EditionShareRow, self._of_editions(rows))

    def _add_reviews(self, rows: Iterator[Record]) -> int:
        names = (*CORNERS, "coder", "codebook", "drawn_for", "adjudicates", "note", "created_at",
            "withdrawn_at")  # fmt: skip

        def fresh() -> Iterator[Record]:
            for row in rows:
                scan = (row["scan_sha256"], row["scan_frame"])
                self._reviews[row["review_id"]] = None
                if scan in self._fresh_scans:
                    number = self._new_id(ReviewRow, row["review_id"])
                    self._reviews[row["review_id"]] = number
                    fresh_scan = self._fresh_scans[scan]
                    yield {"id": number, "scan_id": fresh_scan, **drawn_from(row, "drawn_for")} | (
                        picked(row, *names)
                    )

        return self._put(ReviewRow, fresh())

    def _add_review_answers(self, rows: Iterator[Record]) -> int:
        def fresh() -> Iterator[Record]:
            for row in rows:
                review = self._found(self._reviews, row["review_id"], "review")
                if review is not None:
                    yield {"review_id": review, **picked(row, "measure", "shows")}

        return self._put(ReviewAnswerRow, fresh())

    def _add_settled_answers(self, rows: Iterator[Record]) -> int:
        return self._of_photos(
            SettledAnswerRow,
            rows,
            lambda row: picked(row, "measure", "shows", "drawn") | drawn_from(row, "drawn"),
        )

    def _add_claims(self, rows: Iterator[Record]) -> int:
        same = ("rule", "publication", "first_date", "last_date")
        known = {(c.key, c.version): c for c in self._session.scalars(select(ClaimRow))}
        fresh = []
        for row in rows:
            claim = known.get((row["claim"], row["version"]))
            if claim is None:
                names = ("version", "statement", *same, "note", "seeded", "created_at")
                told = {"key": row["claim"], "source": row["source"] or ""}
                fresh.append(told | picked(row, *names))
            elif any(getattr(claim, name) != row[name] for name in same):
                raise Conflict(f"the claim {row['claim']} has another rule here")
            elif self._empty:
                claim.created_at = row["created_at"]
        self._session.flush()
        return self._put(ClaimRow, fresh)

    def _add_events(self, rows: Iterator[Record]) -> int:
        found = self._session.execute(select(EventRow.event_date, EventRow.title))
        known = {tuple(row) for row in found}
        names = ("title", "place", "leader_attended", "seeded")
        return self._put(
            EventRow,
            (
                {
                    "event_date": row["date"],
                    "publication_id": self._event_publication(row["publication"]),
                    "source": row["source"] or "",
                    **picked(row, *names),
                }
                for row in rows
                if (row["date"], row["title"]) not in known
            ),
        )

    def _event_publication(self, name: str | None) -> int | None:
        """Return the newspaper of an event; it need not have editions."""
        if name is not None and name not in self._publications:
            self._add_publications(iter([{"publication": name, "usual_pages": None}]))
        return None if name is None else self._publications[name]
