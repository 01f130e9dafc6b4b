"""Rows of the database out of the records of a snapshot, under the ids that they had."""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Iterator, Mapping
from typing import Any, TypeAlias

from presslens.app.db.claims import ClaimLookRow, ClaimRegistrationRow, ClaimRow, EventRow
from presslens.app.db.columns import Status, Table
from presslens.app.db.edits import EditRow
from presslens.app.db.figures import FigureRow
from presslens.app.db.page_reviews import PageMarkRow, PageReviewRow
from presslens.app.db.publications import PublicationAliasRow
from presslens.app.db.reprints import ReprintRow
from presslens.app.db.reviews import ReviewAnswerRow, ReviewRow, SettledAnswerRow
from presslens.app.db.samples import (
    SampledPhotoRow,
    SampleEditionRow,
    SampleItemRow,
    SampleMeasureRow,
    SampleRow,
    SampleStratumRow,
)
from presslens.app.db.statistics import EditionMeasureRow, EditionShareRow, EditionSummaryRow
from presslens.app.db.tables import (
    CaptionRow,
    DetectionRow,
    EditionRow,
    HeadlinePhotoRow,
    HeadlineRow,
    InterpretationRow,
    LabelReadingRow,
    LabelRow,
    OutcomeRow,
    PageRow,
    PhotoRow,
    PublicationRow,
    ScanRow,
    SightingRow,
    SubjectReadingRow,
)
from presslens.app.platform.errors import InvalidRequest
from presslens.app.services.exports.snapshot.edit_rows import edit_row
from presslens.app.services.exports.snapshot.folio_rows import folio_rows
from presslens.app.services.exports.snapshot.read import (
    Record,
    coder_names,
    coefficients,
    found_pages,
    lists,
    page_types,
    picked,
    places,
    printed_text,
    reasons,
    stratum_sizes,
    weekdays,
)
from presslens.models.recipe import Recipe
from presslens.pipelines.statistics.page import FRONT_PAGE

BuiltRows: TypeAlias = Iterator[tuple[type[Table], Record]]
"""Rows to insert, each with its table."""

CORNERS = ("x0", "y0", "x1", "y1")
PLACED = ("position", "score", "area_share", "above_fold", "quadrant", *CORNERS)
TRAITS = ("skew", "dpi", "colour", "halftone", "bitonal", "photographed", "brightness",
    "ink_share", "text_share", "column_width")  # fmt: skip
APPEARANCE = (*(f"body_{name}" for name in CORNERS), "body_found", "area_share", "face_share",
    "centrality", "size_rank", "people_beside", "row", "shot_size", "facing")  # fmt: skip
ANALYSED = (Status.DONE, Status.EMPTY)


class RowBuilder:
    """Turns records into rows, table by table in the order of the registry.

    Records have no ids of publications, scans, outcomes and headlines: these get new ones. A page
    whose scan another page prints too has no outcome of its own, so that the photos that both
    pages list are stored once.

    Args:
        recipe: The recipe of the installation, and of the snapshot.
        mastheads: The hashes of the mastheads whose pictures there are.

    Attributes:
        builders: What builds the rows of a record, by the name of the exported table.
    """

    def __init__(self, recipe: Recipe, mastheads: Container[str] = ()) -> None:
        self._recipe, self._mastheads = recipe, mastheads
        self._publications_by_name: dict[str, int] = {}
        self._figure_ids: set[int] = set()
        self._edition_ids: set[int] = set()
        self._scan_ids: dict[tuple[str, int], int] = {}
        self._outcome_ids: dict[int, int | None] = {}
        self._headline_ids: dict[tuple[int, int], int] = {}
        self._photo_ids: set[int] = set()
        self._label_ids: dict[str, int] = {}
        self._edit_ids: set[int] = set()
        self._review_ids: set[int] = set()
        self._sample_ids: set[int] = set()
        self._item_ids: set[int] = set()
        self._page_review_ids: set[int] = set()
        self._with_outcome: set[int] = set()
        self._claim_ids: dict[tuple[str, int], int] = {}
        self.builders: Mapping[str, Callable[[Record], BuiltRows]] = {
            "recipes": self._recipes,
            "publications": self._publications,
            "publication_aliases": self._publication_aliases,
            "figures": self._figures,
            "own_labels": self._own_labels,
            "editions": self._editions,
            "pages": self._pages,
            "headlines": self._headlines,
            "headline_photos": self._headline_photos,
            "photos": self._photos,
            "removed_photos": self._removed_photos,
            "captions": self._captions,
            "subjects": self._subjects,
            "labels": self._labels,
            "sightings": self._sightings,
            "detections": self._detections,
            "reprints": self._reprints,
            "edition_summary": self._edition_summary,
            "edition_measure": self._edition_measure,
            "edition_share": self._edition_share,
            "edits": self._edits,
            "reviews": self._reviews,
            "review_answers": self._review_answers,
            "settled_answers": self._consensus_answers,
            "samples": self._samples,
            "sample_measures": self._sample_measures,
            "sample_strata": self._sample_strata,
            "sample_editions": self._sample_editions,
            "sample_items": self._sample_items,
            "sampled_photos": self._sampled_photos,
            "page_reviews": self._page_reviews,
            "page_marks": self._page_marks,
            "claims": self._claims,
            "claim_registrations": self._claim_registrations,
            "claim_looks": self._claim_looks,
            "events": self._events,
        }

    def build(self, table: str, record: Record) -> BuiltRows:
        """Return the rows of a record of an exported table, with the tables that they go into.

        Raises:
            InvalidRequest: The record names one that is missing, or holds invalid values.
        """
        return self.builders[table](record)

    def _recipes(self, record: Record) -> BuiltRows:
        """Check the recipe; it gives no row, for the installation has it already."""
        if record["recipe_id"] != self._recipe.id:
            raise InvalidRequest("recipes.csv holds another recipe than the manifest names")
        if record["rules"] != json.loads(self._recipe.canonical()):
            raise InvalidRequest("recipes.csv holds other rules than the recipe's")
        yield from ()

    def _publications(self, record: Record) -> BuiltRows:
        name = record["publication"]
        number = self._publications_by_name.setdefault(name, self._next_publication())
        known = {**picked(record, "usual_pages"), "weekdays": weekdays(record["weekdays"])}
        masthead = record["masthead_sha256"]
        known["masthead_sha256"] = masthead if masthead in self._mastheads else None
        yield PublicationRow, {"id": number, "name": name, **known}

    def _publication_aliases(self, record: Record) -> BuiltRows:
        name = record["publication"]
        _check(self._publications_by_name, name, "newspaper")
        number = self._publications_by_name[name]
        yield PublicationAliasRow, {"name": record["alias"], "publication_id": number}

    def _next_publication(self) -> int:
        return max(self._publications_by_name.values(), default=0) + 1

    def _figures(self, record: Record) -> BuiltRows:
        number = record["figure_id"]
        self._figure_ids.add(number)
        yield (
            FigureRow,
            {"id": number, "name": record["figure"], "created_at": record["enrolled_at"]}
            | picked(record, "role"),
        )

    def _own_labels(self, record: Record) -> BuiltRows:
        number = self._label_ids[record["label"]] = len(self._label_ids) + 1
        yield (
            LabelRow,
            {
                "id": number,
                "name": record["label"],
                "ap": record["average_precision"],
                "coefficients": coefficients(record),
                **picked(record, "created_at", "observation_id", "version", "failure", "f1",
                    "calibration_error", "method", "intercept"),
            },
        )  # fmt: skip

    def _editions(self, record: Record) -> BuiltRows:
        name, arrived = record["publication"], record["received_at"]
        if name not in self._publications_by_name:
            raise InvalidRequest(f"the newspaper {name!r} is not in publications.csv")
        self._edition_ids.add(record["edition_id"])
        yield (
            EditionRow,
            {
                "id": record["edition_id"],
                "publication_id": self._publications_by_name[name],
                "edition_date": record["date"],
                "content_key": record["content_key"],
                "created_at": arrived,
                "unpacked_at": arrived,
                **picked(record, "pages_expected", "issue"),
            },
        )

    def _pages(self, record: Record) -> BuiltRows:
        page, scan = record["page_id"], (record["scan_sha256"], record["scan_frame"])
        _check(self._edition_ids, record["edition_id"], "edition")
        if record["outcome"] is None or (scan[0] is None) != (scan[1] is None):
            raise InvalidRequest(f"page {page}: it was not analysed, or its scan is missing")
        self._outcome_ids[page] = number = None
        own = {"status": record["outcome"], **picked(record, "reason", "detail")}
        if scan[0] is not None:
            yield from self._scan(scan)
            number, own = self._scan_ids[scan], dict.fromkeys(own)
            if number not in self._with_outcome:
                self._with_outcome.add(number)
                self._outcome_ids[page] = number
                yield OutcomeRow, self._outcome(record, number)
                yield from folio_rows(record, number)
        yield (
            PageRow,
            {"id": page, "scan_id": number, "is_front": record["number"] == FRONT_PAGE, **own}
            | picked(record, "edition_id", "number", "source"),
        )

    def _scan(self, scan: tuple[str, int]) -> BuiltRows:
        if scan not in self._scan_ids:
            self._scan_ids[scan] = len(self._scan_ids) + 1
            yield ScanRow, {"id": self._scan_ids[scan], "sha256": scan[0], "frame": scan[1]}

    def _outcome(self, record: Record, number: int) -> Record:
        sized = record["width"] is not None and record["height"] is not None
        if sized != (record["outcome"] in ANALYSED) or record["seen_at"] is None:
            raise InvalidRequest(f"page {record['page_id']}: its size does not go with its outcome")
        return {
            "id": number,
            "scan_id": number,
            "observation_id": self._recipe.observation_id,
            "status": record["outcome"],
            **picked(record, "reason", "detail", "seen_at", "width", "height", *TRAITS),
        }

    def _headlines(self, record: Record) -> BuiltRows:
        page = record["page_id"]
        outcome = self._outcome_of(page)
        if outcome is not None:
            number = len(self._headline_ids) + 1
            self._headline_ids[page, record["position"]] = number
            yield (
                HeadlineRow,
                {"id": number, "outcome_id": outcome, "text": printed_text(record)}
                | picked(record, "position", *CORNERS),
            )

    def _headline_photos(self, record: Record) -> BuiltRows:
        key = (record["page_id"], record["position"])
        if self._outcome_of(key[0]) is not None:
            _check(self._headline_ids, key, "headline")
            yield (
                HeadlinePhotoRow,
                {"headline_id": self._headline_ids[key], **picked(record, "photo_position")},
            )

    def _outcome_of(self, page: int) -> int | None:
        """Return the outcome of a page; None if another page has it."""
        _check(self._outcome_ids, page, "page")
        return self._outcome_ids[page]

    def _photos(self, record: Record) -> BuiltRows:
        outcome, photo = self._outcome_of(record["page_id"]), record["photo_id"]
        if outcome is None:
            return
        self._photo_ids.add(photo)
        own = {"outcome_id": outcome, "removed_from_id": None, "by_hand": record["by_hand"]}
        yield PhotoRow, own | _framed(record)
        if record["focus"] is None:
            return  # a person has drawn it, and nobody has looked at it
        yield (
            InterpretationRow,
            {
                "photo_id": photo,
                "recipe_id": self._recipe.id,
                "verdict": record["focus"],
                "leader": record["focus_leader"],
                "facility": record["focus_facility"],
                "reasons": reasons(record["focus_reasons"]),
                **picked(record, "gallery", "label_set"),
            },
        )

    def _removed_photos(self, record: Record) -> BuiltRows:
        outcome = self._outcome_of(record["page_id"])
        if outcome is not None:
            own = {"outcome_id": None, "removed_from_id": outcome, "by_hand": False}
            yield PhotoRow, own | _framed(record)

    def _photo(self, record: Record, *names: str) -> Record:
        """Return the columns of a row that belongs to a photo."""
        _check(self._photo_ids, record["photo_id"], "photo")
        return picked(record, "photo_id", *names)

    def _read(self, record: Record, *names: str) -> Record:
        """Return the columns of a row that belongs to the interpretation of a photo."""
        return {"recipe_id": self._recipe.id, **self._photo(record, *names)}

    def _captions(self, record: Record) -> BuiltRows:
        text = {"text": printed_text(record)}
        yield CaptionRow, text | self._photo(record, "place", "source", "confidence", *CORNERS)

    def _subjects(self, record: Record) -> BuiltRows:
        names = ("subject", "probability", "count", "count_low", "count_high")
        yield SubjectReadingRow, {"places": places(record["places"])} | self._read(record, *names)

    def _labels(self, record: Record) -> BuiltRows:
        yield LabelReadingRow, self._read(record, "label", "probability")

    def _sightings(self, record: Record) -> BuiltRows:
        _check(self._figure_ids, record["figure_id"], "figure")
        names = ("figure_id", "probability", "answer", "told_by", *CORNERS, *APPEARANCE)
        yield SightingRow, {"reasons": reasons(record["reasons"])} | self._read(record, *names)

    def _detections(self, record: Record) -> BuiltRows:
        yield DetectionRow, self._photo(record, "position", "label", "score", *CORNERS)

    def _reprints(self, record: Record) -> BuiltRows:
        _check(self._photo_ids, record["other_id"], "photo")
        yield ReprintRow, self._photo(record, "other_id", "places", "likeness")

    def _edition_summary(self, record: Record) -> BuiltRows:
        if (lead := record["front_lead_photo_id"]) is not None:
            _check(self._photo_ids, lead, "photo")
        arrays = ("photo_ids", "photo_areas", "photo_zones")
        counts = {
            "page_types": page_types(record["page_types"]),
            "found_pages": found_pages(record["found_pages"]),
            **lists(record, *arrays),
        }
        yield EditionSummaryRow, self._of_edition(record) | counts

    def _edition_measure(self, record: Record) -> BuiltRows:
        arrays = "probabilities", "decided"
        yield EditionMeasureRow, self._of_edition(record) | lists(record, *arrays)

    def _edition_share(self, record: Record) -> BuiltRows:
        yield EditionShareRow, self._of_edition(record)

    def _of_edition(self, record: Record) -> Record:
        _check(self._edition_ids, record["edition_id"], "edition")
        return {"recipe_id": self._recipe.id, **picked(record, *(record.keys() - {"recipe"}))}

    def _edits(self, record: Record) -> BuiltRows:
        self._edit_ids.add(record["edit_id"])
        named = {"publication": self._publications_by_name, "label": self._label_ids}
        yield EditRow, edit_row(record, named)

    def _made_by(self, record: Record) -> Record:
        """Return who made a review of a photo or page, when, and in which edit."""
        if record["edit_id"] is not None:
            _check(self._edit_ids, record["edit_id"], "edit")
        names = ("coder", "codebook", "note", "created_at", "withdrawn_at", "edit_id")
        return picked(record, *names)

    def _reviews(self, record: Record) -> BuiltRows:
        scan, number = (record["scan_sha256"], record["scan_frame"]), record["review_id"]
        yield from self._scan(scan)
        self._review_ids.add(number)
        own = {"id": number, "scan_id": self._scan_ids[scan]}
        yield ReviewRow, own | picked(record, *CORNERS, "adjudicates") | self._made_by(record)

    def _review_answers(self, record: Record) -> BuiltRows:
        _check(self._review_ids, record["review_id"], "review")
        yield ReviewAnswerRow, picked(record, "review_id", "measure", "shows", "place")

    def _consensus_answers(self, record: Record) -> BuiltRows:
        yield SettledAnswerRow, self._photo(record, "measure", "shows", "codebook")

    def _samples(self, record: Record) -> BuiltRows:
        number = record["sample_id"]
        self._sample_ids.add(number)
        names = ("kind", "weight", "publication", "first_date", "last_date", "seed",
            "second_share", "wished_width", "codebook", "created_at")  # fmt: skip
        yield (
            SampleRow,
            {
                "id": number,
                "name": record["sample"],
                "zone": record["page"],
                "coders": coder_names(record["coders"]),
                "recipe_id": record["drawn_under"],
            }
            | picked(record, *names),
        )

    def _sample_measures(self, record: Record) -> BuiltRows:
        yield SampleMeasureRow, self._of_sample(record, "measure", "position")

    def _sample_strata(self, record: Record) -> BuiltRows:
        yield SampleStratumRow, self._of_sample(record, "stratum", "definition", "size", "drawn")

    def _sample_editions(self, record: Record) -> BuiltRows:
        _check(self._edition_ids, record["edition_id"], "edition")
        sizes = {"sizes": stratum_sizes(record["sizes"])}
        yield SampleEditionRow, sizes | self._of_sample(record, "edition_id")

    def _sample_items(self, record: Record) -> BuiltRows:
        scan, number = (record["scan_sha256"], record["scan_frame"]), record["item_id"]
        yield from self._scan(scan)
        self._item_ids.add(number)
        names = (*CORNERS, "place", "stratum", "probability", "coder", "second", "second_coder")
        yield (
            SampleItemRow,
            {"id": number, "scan_id": self._scan_ids[scan]} | self._of_sample(record, *names),
        )

    def _sampled_photos(self, record: Record) -> BuiltRows:
        _check(self._item_ids, record["item_id"], "item")
        yield SampledPhotoRow, self._photo(record, "item_id", "measure", "status", "coded_since")

    def _of_sample(self, record: Record, *names: str) -> Record:
        """Return the columns of a row that belongs to a sample."""
        _check(self._sample_ids, record["sample_id"], "sample")
        return picked(record, "sample_id", *names)

    def _page_reviews(self, record: Record) -> BuiltRows:
        scan, number = (record["scan_sha256"], record["scan_frame"]), record["page_review_id"]
        yield from self._scan(scan)
        self._page_review_ids.add(number)
        own = {"id": number, "scan_id": self._scan_ids[scan]}
        names = ("checked", "adjudicates", "two_editions")
        yield PageReviewRow, own | picked(record, *names) | self._made_by(record)

    def _page_marks(self, record: Record) -> BuiltRows:
        _check(self._page_review_ids, record["page_review_id"], "page review")
        own = {"review_id": record["page_review_id"], "boxes": places(record["boxes"])}
        yield PageMarkRow, own | picked(record, "position", *CORNERS, "photos")

    def _claims(self, record: Record) -> BuiltRows:
        names = ("version", "statement", "rule", "publication", "first_date", "last_date", "note",
            "seeded", "created_at")  # fmt: skip
        number = self._claim_ids[record["claim"], record["version"]] = len(self._claim_ids) + 1
        own = {"id": number, "key": record["claim"], "source": record["source"] or ""}
        yield ClaimRow, own | picked(record, *names)

    def _claim_registrations(self, record: Record) -> BuiltRows:
        names = ("frozen_at", "sha256", "document", "scans", "first_scan_at")
        yield ClaimRegistrationRow, self._of_claim(record) | picked(record, *names)

    def _claim_looks(self, record: Record) -> BuiltRows:
        own = {"id": record["look_id"], "recipe_id": record["looked_under"]}
        names = ("looked_at", "editions", "verdict")
        yield ClaimLookRow, own | self._of_claim(record) | picked(record, *names)

    def _of_claim(self, record: Record) -> Record:
        key = record["claim"], record["version"]
        _check(self._claim_ids, key, "claim")
        return {"claim_id": self._claim_ids[key]}

    def _events(self, record: Record) -> BuiltRows:
        name = record["publication"]
        if name is not None and name not in self._publications_by_name:  # one without editions
            known = dict.fromkeys(("usual_pages", "weekdays", "masthead_sha256"))
            yield from self._publications({"publication": name, **known})
        yield (
            EventRow,
            {
                "event_date": record["date"],
                "publication_id": None if name is None else self._publications_by_name[name],
                "source": record["source"] or "",
                **picked(record, "title", "place", "leader_attended", "seeded"),
            },
        )


def _framed(record: Record) -> Record:
    """Return the columns of a photo that say what it is, and where it stands in its page."""
    photo, frame = record["photo_id"], record["frame_id"]
    own = {"id": photo, "earlier_id": frame if frame < photo else None, "is_lead": record["lead"]}
    return own | picked(record, *PLACED)


def _check(ids: Container[Any], number: Any, what: str) -> None:
    if number not in ids:
        raise InvalidRequest(f"{what} {number} is named but missing")
