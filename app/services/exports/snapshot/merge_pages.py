"""Puts the editions of a snapshot into the tables: their newspapers, pages and headlines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice

from sqlalchemy import select, update

from app.db.columns import Status, Table
from app.db.figures import FigureRow
from app.db.placement import mark_front_pages
from app.db.tables import (
    EditionRow,
    HeadlinePhotoRow,
    HeadlineRow,
    LabelRow,
    OutcomeRow,
    PageRow,
    PublicationRow,
    ScanRow,
)
from app.errors import Conflict, InvalidRequest
from app.services.exports.snapshot.id_map import BATCH, Target
from app.services.exports.snapshot.read import Record
from app.services.exports.snapshot.shape import learned, picked, said

CORNERS = ("x0", "y0", "x1", "y1")
TRAITS = ("skew", "dpi", "colour", "halftone", "brightness", "ink_share", "text_share",
    "column_width")  # fmt: skip
SEEN = (Status.DONE, Status.EMPTY)


class PageMerge(Target):
    """The part of an import that goes before photos: all that their rows refer to."""

    def _add_recipes(self, rows: Iterator[Record]) -> int:
        for row in rows:
            if row["recipe_id"] != self._recipe.id:
                raise InvalidRequest("recipes.csv holds another recipe than the manifest names")
            if row["rules"] != json.loads(self._recipe.canonical()):
                raise InvalidRequest("recipes.csv holds other rules than the recipe's")
        return 0

    def _add_publications(self, rows: Iterator[Record]) -> int:
        known = {name: key for key, name in self._session.execute(
            select(PublicationRow.id, PublicationRow.name))}  # fmt: skip
        added = 0
        for row in rows:
            name, usual = row["publication"], row["usual_pages"]
            if name not in known:
                added += self._put(PublicationRow, [{"name": name, "usual_pages": usual}])
                known[name] = self._session.scalars(
                    select(PublicationRow.id).filter_by(name=name)
                ).one()
            elif self._empty and usual is not None:
                self._session.execute(
                    update(PublicationRow).filter_by(name=name).values(usual_pages=usual)
                )
        self._publications = known
        return added

    def _publication(self, name: str) -> int:
        if name not in self._publications:
            raise InvalidRequest(f"the newspaper {name!r} is not in publications.csv")
        return self._publications[name]

    def _add_figures(self, rows: Iterator[Record]) -> int:
        known = {figure.name: figure for figure in self._session.scalars(select(FigureRow))}
        fresh = []
        for row in rows:
            name, figure = row["figure"], known.get(row["figure"])
            if figure is not None and figure.role != row["role"]:
                raise Conflict(f"{name} is enrolled here as {figure.role}, not as {row['role']}")
            if figure is None:
                number = self._new_id(FigureRow, row["figure_id"])
                values = {"id": number, "name": name, "role": row["role"]}
                fresh.append({**values, "created_at": row["enrolled_at"]})
            self._figures[row["figure_id"]] = number if figure is None else figure.id
        return self._put(FigureRow, fresh)

    def _add_own_labels(self, rows: Iterator[Record]) -> int:
        found = self._session.execute(select(LabelRow.name, LabelRow.version))
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
        return self._put(LabelRow, fresh)

    def _add_editions(self, rows: Iterator[Record]) -> int:
        query = select(EditionRow.publication_id, EditionRow.edition_date, EditionRow.content_key)
        known = {tuple(row) for row in self._session.execute(query)}
        fresh = []
        for row in rows:
            key = (self._publication(row["publication"]), row["date"], row["content_key"])
            number = None if key in known else self._new_id(EditionRow, row["edition_id"])
            self._editions[row["edition_id"]] = number
            if number is not None:
                names = ("publication_id", "edition_date", "content_key")
                came = row["received_at"]
                fresh.append(
                    dict(zip(names, key, strict=True))
                    | {"id": number, "created_at": came, "unpacked_at": came, "attempts": 0}
                )
        return self._put(EditionRow, fresh)

    def _add_pages(self, rows: Iterator[Record]) -> int:
        scans = {(sha, frame): key for key, sha, frame in self._session.execute(
            select(ScanRow.id, ScanRow.sha256, ScanRow.frame))}  # fmt: skip
        seen = {scan: outcome for scan, outcome in self._session.execute(  # noqa: C416 - no pairs
            select(OutcomeRow.scan_id, OutcomeRow.id).filter_by(
                observation_id=self._recipe.observation_id))}  # fmt: skip
        added = 0
        while some := list(islice(rows, BATCH)):
            new: dict[type[Table], list[Record]] = {ScanRow: [], PageRow: [], OutcomeRow: []}
            for row in some:
                self._page(row, scans, seen, new)
            for table, values in new.items():
                self._put(table, values)
            added += len(new[PageRow])
        mark_front_pages(self._session)
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
            new[PageRow].append(
                {"id": self._new_id(PageRow, row["page_id"]), "edition_id": edition}
                | {"scan_id": scan_id, "is_front": False, **picked(row, "number", "source")}
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
        seen[scan_id] = outcome = self._next(OutcomeRow)
        self._pages[row["page_id"]] = self._outcomes[row["page_id"]] = outcome
        self._fresh_scans[row["scan_sha256"], row["scan_frame"]] = scan_id
        new[OutcomeRow].append(self._outcome(row, outcome, scan_id))

    def _scan_id(
        self,
        scan: tuple[str, int],
        scans: dict[tuple[str, int], int],
        new: dict[type[Table], list[Record]],
        *,
        needed: bool,
    ) -> int | None:
        if scan not in scans and needed:
            scans[scan] = self._next(ScanRow)
            new[ScanRow].append({"id": scans[scan], "sha256": scan[0], "frame": scan[1]})
        return scans.get(scan)

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
                    number = self._next(HeadlineRow)
                    self._headlines[row["page_id"], row["position"]] = number
                    yield {
                        "id": number,
                        "outcome_id": outcome,
                        "text": said(row),
                        **picked(row, "position", *CORNERS),
                    }

        return self._put(HeadlineRow, fresh())

    def _add_headline_photos(self, rows: Iterator[Record]) -> int:
        def fresh() -> Iterator[Record]:
            for row in rows:
                if self._found(self._pages, row["page_id"], "page") is None:
                    continue
                key = (row["page_id"], row["position"])
                if key not in self._headlines:
                    raise InvalidRequest(f"headline {key} is named but not there")
                yield {"headline_id": self._headlines[key], **picked(row, "photo_position")}

        return self._put(HeadlinePhotoRow, fresh())
