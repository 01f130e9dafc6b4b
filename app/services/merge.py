"""Puts the rows of a snapshot into the tables, and gives them ids that are free.

In an empty installation every id stays as it was, so that every answer is the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from sqlalchemy import String, func, insert, select, update
from sqlalchemy.orm import Session

from app.db.claims import Claim, Event
from app.db.columns import Table
from app.db.enrolment import Figure
from app.db.reviews import Review, ReviewAnswer, SettledAnswer
from app.db.statistics import EditionShare, EditionSummary
from app.db.tables import (
    Edition,
    HeadlinePhoto,
    Interpretation,
    Outcome,
    OwnLabel,
    Page,
    Photo,
    PrintedHeadline,
    Publication,
    Reading,
    Scan,
    SeenCaption,
    SeenDetection,
    SeenFigure,
    SeenLabel,
    Status,
)
from app.errors import Conflict, InvalidRequest
from app.exports.received import Record
from app.exports.shape import drawn_from, learned, page_types, picked, places, reasons, said
from app.exports.spec import MOST
from models.recipe import Recipe

BATCH = 5_000
CORNERS = ("x0", "y0", "x1", "y1")
TRAITS = ("skew", "dpi", "colour", "halftone", "brightness", "ink_share", "text_share",
    "column_width")  # fmt: skip
SHOWN = (*(f"body_{name}" for name in CORNERS), "body_found", "area_share", "face_share",
    "centrality", "size_rank", "people_beside", "row", "shot_size", "facing")  # fmt: skip
NUMBERED = (Edition, Page, Photo, Review, Figure, Scan, Outcome, PrintedHeadline)
SEEN = (Status.DONE, Status.EMPTY)


class Merge:
    """One import, inside one transaction.

    Args:
        session: The transaction.
        recipe: That of the installation, and of the snapshot.
    """

    def __init__(self, session: Session, recipe: Recipe) -> None:
        self._session, self._recipe = session, recipe
        self._shift: dict[type[Table], int] = {t: self._highest(t) for t in NUMBERED}
        self._empty = not self._shift[Edition]
        self._publications: dict[str, int] = {}
        self._figures: dict[int, int] = {}
        self._editions: dict[int, int | None] = {}
        self._pages: dict[int, int | None] = {}
        self._outcomes: dict[int, int] = {}
        self._photos: dict[int, int] = {}
        self._fresh_photos: set[int] = set()
        self._fresh_scans: dict[tuple[str, int], int] = {}
        self._headlines: dict[tuple[int, int], int] = {}
        self._reviews: dict[int, int | None] = {}

    def add(self, name: str, rows: Iterator[Record]) -> int:
        """Add the rows of a table, those first that others refer to; return how many were new.

        Raises:
            InvalidRequest: A row refers to one that is not there, or holds what can't be.
            Conflict: The same name stands for something else here.
        """
        added: int = getattr(self, f"_add_{name}")(rows)
        return added

    def _highest(self, table: type[Table]) -> int:
        return self._session.scalar(select(func.max(table.__table__.c.id))) or 0

    def _new_id(self, table: type[Table], old: int) -> int:
        number = self._shift[table] + old
        if number > MOST:
            raise InvalidRequest(f"{table.__tablename__} {old}: the id is too large")
        return number

    def _put(self, table: type[Table], rows: Iterable[Record]) -> int:
        """Insert rows some thousands at a time; return how many."""
        lengths = {
            column.name: column.type.length
            for column in table.__table__.columns
            if type(column.type) is String and column.type.length
        }
        count = 0
        waiting = iter(rows)
        while some := list(islice(waiting, BATCH)):
            for name, most in lengths.items():
                if any(len(row.get(name) or "") > most for row in some):
                    raise InvalidRequest(f"{table.__tablename__}: {name} is longer than {most}")
            self._session.execute(insert(table.__table__), some)  # type: ignore[arg-type]
            count += len(some)
        return count

    def _add_recipes(self, rows: Iterator[Record]) -> int:
        for row in rows:
            if row["recipe_id"] != self._recipe.id:
                raise InvalidRequest("recipes.csv holds another recipe than the manifest names")
            if row["rules"] != json.loads(self._recipe.canonical()):
                raise InvalidRequest("recipes.csv holds other rules than the recipe's")
        return 0

    def _add_publications(self, rows: Iterator[Record]) -> int:
        known = {name: key for key, name in self._session.execute(
            select(Publication.id, Publication.name))}  # fmt: skip
        added = 0
        for row in rows:
            name, usual = row["publication"], row["usual_pages"]
            if name not in known:
                added += self._put(Publication, [{"name": name, "usual_pages": usual}])
                known[name] = self._session.scalars(
                    select(Publication.id).filter_by(name=name)
                ).one()
            elif self._empty and usual is not None:
                self._session.execute(
                    update(Publication).filter_by(name=name).values(usual_pages=usual)
                )
        self._publications = known
        return added

    def _publication(self, name: str) -> int:
        if name not in self._publications:
            raise InvalidRequest(f"the newspaper {name!r} is not in publications.csv")
        return self._publications[name]

    def _add_figures(self, rows: Iterator[Record]) -> int:
        known = {figure.name: figure for figure in self._session.scalars(select(Figure))}
        fresh = []
        for row in rows:
            name, figure = row["figure"], known.get(row["figure"])
            if figure is not None and figure.role != row["role"]:
                raise Conflict(f"{name} is enrolled here as {figure.role}, not as {row['role']}")
            if figure is None:
                number = self._new_id(Figure, row["figure_id"])
                values = {"id": number, "name": name, "role": row["role"]}
                fresh.append({**values, "created_at": row["enrolled_at"]})
            self._figures[row["figure_id"]] = number if figure is None else figure.id
        return self._put(Figure, fresh)

    def _add_own_labels(self, rows: Iterator[Record]) -> int:
        found = self._session.execute(select(OwnLabel.name, OwnLabel.version))
        known = {name: version for name, version in found}  # noqa: C416 - rows are no pairs
        fresh = []
        for row in rows:
            name = row["label"]
            if name in known and known[name] != row["version"]:
                raise Conflict(f"the label {name} was learnt from other examples here")
            if name not in known:
                fresh.append(
                    {
                        "name": name,
                        "ap": row["average_precision"],
                        "coefficients": learned(row),
                        **picked(row, "created_at", "observation_id", "version", "failure", "f1",
                            "calibration_error", "method", "intercept"),
                    }
                )  # fmt: skip
        return self._put(OwnLabel, fresh)

    def _add_editions(self, rows: Iterator[Record]) -> int:
        query = select(Edition.publication_id, Edition.edition_date, Edition.content_key)
        known = {tuple(row) for row in self._session.execute(query)}
        fresh = []
        for row in rows:
            key = (self._publication(row["publication"]), row["date"], row["content_key"])
            number = None if key in known else self._new_id(Edition, row["edition_id"])
            self._editions[row["edition_id"]] = number
            if number is not None:
                names = ("publication_id", "edition_date", "content_key")
                came = row["received_at"]
                fresh.append(
                    dict(zip(names, key, strict=True))
                    | {"id": number, "created_at": came, "unpacked_at": came, "attempts": 0}
                )
        return self._put(Edition, fresh)

    def _found(self, mapping: dict[int, Any], key: int, what: str) -> Any:
        if key not in mapping:
            raise InvalidRequest(f"{what} {key} is named but not there")
        return mapping[key]

    def _add_pages(self, rows: Iterator[Record]) -> int:
        scans = {(sha, frame): key for key, sha, frame in self._session.execute(
            select(Scan.id, Scan.sha256, Scan.frame))}  # fmt: skip
        seen = {scan: outcome for scan, outcome in self._session.execute(  # noqa: C416 - no pairs
            select(Outcome.scan_id, Outcome.id).filter_by(
                observation_id=self._recipe.observation_id))}  # fmt: skip
        added = 0
        while some := list(islice(rows, BATCH)):
            new: dict[type[Table], list[Record]] = {Scan: [], Page: [], Outcome: []}
            for row in some:
                self._page(row, scans, seen, new)
            for table, values in new.items():
                self._put(table, values)
            added += len(new[Page])
        return added

    def _page(
        self,
        row: Record,
        scans: dict[tuple[str, int], int],
        seen: dict[int, int],
        new: dict[type[Table], list[Record]],
    ) -> None:
        edition = self._found(self._editions, row["edition_id"], "edition")
        sha256, frame = row["scan_sha256"], row["scan_frame"]
        self._pages[row["page_id"]] = scan_id = None
        if row["outcome"] is None or (sha256 is None) != (frame is None):
            raise InvalidRequest(f"page {row['page_id']}: it was not looked at, or its scan lacks")
        if sha256 is not None:
            scan_id = self._scan_id((sha256, frame), scans, new, needed=edition is not None)
            self._see(row, scan_id, seen, new)
        if edition is not None:
            told = ("status", "reason", "detail")
            own = (row["outcome"], row["reason"], row["detail"]) if scan_id is None else [None] * 3
            new[Page].append(
                {"id": self._new_id(Page, row["page_id"]), "edition_id": edition}
                | {"scan_id": scan_id, **picked(row, "number", "source")}
                | dict(zip(told, own, strict=True))
            )

    def _see(
        self,
        row: Record,
        scan_id: int | None,
        seen: dict[int, int],
        new: dict[type[Table], list[Record]],
    ) -> None:
        """Take note of what was seen of a scan: here already, or by the snapshot only."""
        if scan_id is None:
            return
        if scan_id in seen:
            self._outcomes[row["page_id"]] = seen[scan_id]
            return
        seen[scan_id] = outcome = self._next(Outcome)
        self._pages[row["page_id"]] = self._outcomes[row["page_id"]] = outcome
        self._fresh_scans[row["scan_sha256"], row["scan_frame"]] = scan_id
        new[Outcome].append(self._outcome(row, outcome, scan_id))

    def _scan_id(
        self,
        scan: tuple[str, int],
        scans: dict[tuple[str, int], int],
        new: dict[type[Table], list[Record]],
        *,
        needed: bool,
    ) -> int | None:
        if scan not in scans and needed:
            scans[scan] = self._next(Scan)
            new[Scan].append({"id": scans[scan], "sha256": scan[0], "frame": scan[1]})
        return scans.get(scan)

    def _next(self, table: type[Table]) -> int:
        self._shift[table] += 1
        return self._shift[table]

    def _outcome(self, row: Record, number: int, scan_id: int) -> Record:
        sized = row["width"] is not None and row["height"] is not None
        if sized != (row["outcome"] in SEEN) or row["seen_at"] is None:
            raise InvalidRequest(f"page {row['page_id']}: its size does not go with its outcome")
        return {
            "id": number,
            "scan_id": scan_id,
            "observation_id": self._recipe.observation_id,
            "status": row["outcome"],
            **picked(row, "reason", "detail", "seen_at", "width", "height", *TRAITS),
        }

    def _add_headlines(self, rows: Iterator[Record]) -> int:
        def fresh() -> Iterator[Record]:
            for row in rows:
                outcome = self._found(self._pages, row["page_id"], "page")
                if outcome is not None:
                    number = self._next(PrintedHeadline)
                    self._headlines[row["page_id"], row["position"]] = number
                    yield {
                        "id": number,
                        "outcome_id": outcome,
                        "text": said(row),
                        **picked(row, "position", *CORNERS),
                    }

        return self._put(PrintedHeadline, fresh())

    def _add_headline_photos(self, rows: Iterator[Record]) -> int:
        def fresh() -> Iterator[Record]:
            for row in rows:
                if self._found(self._pages, row["page_id"], "page") is None:
                    continue
                key = (row["page_id"], row["position"])
                if key not in self._headlines:
                    raise InvalidRequest(f"headline {key} is named but not there")
                yield {"headline_id": self._headlines[key], **picked(row, "photo_position")}

        return self._put(HeadlinePhoto, fresh())

    def _add_photos(self, rows: Iterator[Record]) -> int:
        added = 0
        while some := list(islice(rows, BATCH)):
            fresh = [row for row in some if self._is_fresh(row)]
            added += self._put(Photo, [self._photo(row) for row in fresh])
            self._put(Interpretation, [self._interpretation(row) for row in fresh])
        return added

    def _is_fresh(self, row: Record) -> bool:
        """Take note of a photo, and tell whether it is new here."""
        outcome, old = self._found(self._pages, row["page_id"], "page"), row["photo_id"]
        if outcome is not None:
            self._photos[old] = self._new_id(Photo, old)
            self._fresh_photos.add(old)
            return True
        known = self._outcomes.get(row["page_id"])
        if old not in self._photos and known is not None:
            here = select(Photo.id).filter_by(outcome_id=known, position=row["position"])
            self._photos[old] = self._session.scalar(here) or 0
        self._photos.setdefault(old, 0)
        return False

    def _photo(self, row: Record) -> Record:
        return {
            "id": self._photos[row["photo_id"]],
            "outcome_id": self._pages[row["page_id"]],
            **picked(row, "position", "score", *CORNERS),
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
            SeenCaption, rows, lambda row: {"text": said(row), **picked(row, "place", *CORNERS)}
        )

    def _add_subjects(self, rows: Iterator[Record]) -> int:
        names = ("subject", "probability", "count", "count_low", "count_high")
        return self._of_photos(
            Reading,
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
            SeenLabel, rows, lambda row: recipe | picked(row, "label", "probability")
        )

    def _add_sightings(self, rows: Iterator[Record]) -> int:
        names = ("probability", "answer", "told_by", *CORNERS, *SHOWN)
        return self._of_photos(
            SeenFigure,
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
        return self._of_photos(SeenDetection, rows, lambda row: picked(row, *names))

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

        return self._put(EditionSummary, fresh())

    def _add_edition_share(self, rows: Iterator[Record]) -> int:
        return self._put(EditionShare, self._of_editions(rows))

    def _add_reviews(self, rows: Iterator[Record]) -> int:
        names = (*CORNERS, "coder", "codebook", "drawn_for", "adjudicates", "note", "created_at",
            "withdrawn_at")  # fmt: skip

        def fresh() -> Iterator[Record]:
            for row in rows:
                scan = (row["scan_sha256"], row["scan_frame"])
                self._reviews[row["review_id"]] = None
                if scan in self._fresh_scans:
                    number = self._new_id(Review, row["review_id"])
                    self._reviews[row["review_id"]] = number
                    fresh_scan = self._fresh_scans[scan]
                    yield {"id": number, "scan_id": fresh_scan, **drawn_from(row, "drawn_for")} | (
                        picked(row, *names)
                    )

        return self._put(Review, fresh())

    def _add_review_answers(self, rows: Iterator[Record]) -> int:
        def fresh() -> Iterator[Record]:
            for row in rows:
                review = self._found(self._reviews, row["review_id"], "review")
                if review is not None:
                    yield {"review_id": review, **picked(row, "measure", "shows")}

        return self._put(ReviewAnswer, fresh())

    def _add_settled_answers(self, rows: Iterator[Record]) -> int:
        return self._of_photos(
            SettledAnswer,
            rows,
            lambda row: picked(row, "measure", "shows", "drawn") | drawn_from(row, "drawn"),
        )

    def _add_claims(self, rows: Iterator[Record]) -> int:
        same = ("rule", "publication", "first_date", "last_date")
        known = {(c.key, c.version): c for c in self._session.scalars(select(Claim))}
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
        return self._put(Claim, fresh)

    def _add_events(self, rows: Iterator[Record]) -> int:
        found = self._session.execute(select(Event.event_date, Event.title))
        known = {tuple(row) for row in found}
        names = ("title", "place", "leader_attended", "seeded")
        return self._put(
            Event,
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
