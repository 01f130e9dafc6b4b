"""Specimens of every table: generated editions with values that trip up writers and readers.

Formulas, quotes, line breaks and text beyond ASCII stand where people or scans write; a page is
rejected, a caption is not read, reviews disagree. Tests read them; nothing in them is real.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from presslens.app.db.claims import EventRow
from presslens.app.db.columns import Status
from presslens.app.db.folios import FolioRow
from presslens.app.db.model_answers import ModelAnswerRow
from presslens.app.db.page_reviews import PageMarkRow, PageReviewRow
from presslens.app.db.placement import placements
from presslens.app.db.publications import PublicationAliasRow
from presslens.app.db.reprints import ReprintRow
from presslens.app.db.reviews import ReviewAnswerRow, ReviewRow, SettledAnswerRow
from presslens.app.db.samples import (
    SampledPhotoRow,
    SampleEditionRow,
    SampleItemRow,
    SampleKind,
    SampleMeasureRow,
    SampleRow,
    SampleStratumRow,
)
from presslens.app.db.statistics import EditionMeasureRow, EditionShareRow, EditionSummaryRow
from presslens.app.db.tables import (
    CaptionRow,
    DetectionRow,
    FaceRow,
    FigureRoleRow,
    FigureRow,
    HeadlinePhotoRow,
    HeadlineRow,
    InterpretationRow,
    LabelReadingRow,
    LabelRow,
    PageRow,
    PhotoRow,
    PublicationRow,
    SightingRow,
    SubjectReadingRow,
)
from presslens.app.installation import Installation
from presslens.app.services.exports.snapshot.restore import reset_sequences
from presslens.app.services.figures.gallery import gallery_version
from presslens.app.services.labels.label_set import label_set_version
from presslens.lab.bench import generator
from presslens.lab.bench.claim_specimens import add_claim
from presslens.lab.bench.edit_specimens import add_review_edit
from presslens.lab.bench.generator import CORNERS, HEIGHT, WIDTH
from presslens.lab.bench.specimen_rows import AT, add_further_rows
from presslens.models.geometry import Box
from presslens.models.labels.classifier import LabelClassifier
from presslens.models.recipe import Recipe
from presslens.models.vocabulary import Subject
from presslens.pipelines.statistics.measure import Weight, Zone
from presslens.pipelines.statistics.sample_item import ItemStatus

LABELS = (
    "aerial", "ceremony", "flags", "indoor", "machinery", "military", "night", "plant_interior",
    "products", "stage",
)  # fmt: skip
MEASURES = (*(s.value for s in Subject), "leader", "figure:Kim", "label:indoor")
SHOWN = (
    *(f"body_{corner}" for corner in CORNERS), "body_found", "area_share", "face_share",
    "centrality", "size_rank", "people_beside", "row", "shot_size", "facing",
)  # fmt: skip


def fill(
    home: Installation,
    editions: int = 3,
    *,
    photos: int = 8,
    detections: int = 3,
    seed: int = 0,
    publications: Sequence[str] = ("Rodong Sinmun",),
) -> None:
    """Fill an empty installation with specimens.

    Args:
        editions: How many, one a day.
        photos: Photos of a page.
        detections: Detections of a photo.
        publications: The newspapers, whose editions take turns.
    """
    with home.database.write() as session:
        filler = _Filler(session, home.recipe, photos, detections, seed)
        filler.fill(editions, publications)


def _sha(*parts: object) -> str:
    return f"{random.Random(repr(parts)).getrandbits(256):064x}"  # noqa: S311 - no secret


class _Filler:
    """Adds the rows of some editions, with ids that count from 1."""

    def __init__(
        self, session: Session, recipe: Recipe, photos: int, detections: int, seed: int
    ) -> None:
        self._session, self._recipe = session, recipe
        self._photos, self._detections = photos, detections
        self._random = random.Random(seed)  # noqa: S311 - no secret
        self._rows = generator.RowCollector()
        self._first = 0
        self._ids: dict[str, int] = {}

    def fill(self, editions: int, publications: Sequence[str]) -> None:
        papers = [self._publication(name) for name in publications]
        self._enrol(papers)
        self._rows.flush(self._session)
        self._versions = {
            "gallery": gallery_version(self._session, self._recipe, papers[0]),
            "label_set": label_set_version(self._session),
        }
        for i in range(1, editions + 1):
            self._edition(i, papers[i % len(papers)], date(2015, 1, 1) + timedelta(days=i))
            if i % 50 == 0:
                self._rows.flush(self._session)
        self._rows.flush(self._session)
        add_further_rows(self._session)
        reset_sequences(self._session)

    def _next(self, name: str) -> int:
        self._ids[name] = self._ids.get(name, 0) + 1
        return self._ids[name]

    def _publication(self, name: str) -> int:
        query = select(PublicationRow).filter_by(name=name)
        aliases = [PublicationAliasRow(name=f"{name} (alias)")]
        new = PublicationRow(name=name, weekdays=[1, 2, 3], aliases=aliases)
        row = self._session.scalars(query).one_or_none() or new
        self._session.add(row)
        self._session.flush()
        return row.id

    def _enrol(self, papers: Sequence[int]) -> None:
        for i, name, role in (1, "Kim", "leader"), (2, '=HYPERLINK("x")', "official"):
            self._rows.add(FigureRow, id=i, name=name, created_at=AT)
            for paper in papers:
                self._rows.add(FigureRoleRow, figure_id=i, publication_id=paper, role=role)
        ribbon = LabelClassifier("ribbon", np.linspace(-1, 1, 1280, dtype=np.float32), 0.25)
        self._rows.add(
            LabelRow, id=1, name="ribbon", created_at=AT, version=ribbon.version,
            observation_id=self._recipe.observation_id, ap=0.75, intercept=ribbon.intercept,
            coefficients=ribbon.coefficients,
        )  # fmt: skip

    def _edition(self, i: int, publication_id: int, day: date) -> None:
        generator.add_edition(self._rows, i, publication_id, day, _sha("edition", i), at=AT)
        pages = 8 if i % 20 == 0 else 6
        before = len(self._rows.of(PhotoRow))
        for number in range(1, pages + 1):
            self._page(i, number)
        every = self._rows.of(PhotoRow)[before:]
        # What people have said to be no photo is summed up nowhere.
        ids = [row["id"] for row in every if row["outcome_id"] is not None]
        photos = len(ids)
        self._rows.add(
            EditionSummaryRow,
            edition_id=i,
            recipe_id=self._recipe.id,
            **self._versions,
            pages=pages,
            pages_seen=pages - 1,
            photos=photos,
            photo_area=photos * 0.05,
            largest_photo=0.2,
            page_types={"mixed": pages},
            leader_photos=2,
            leader_unsure=1,
            leader_area=0.25,
            leader_centrality=None,
            together_photos=0,
            front_lead_focus="leader",
            front_lead_photo_id=ids[0],
            photo_ids=ids,
            photo_areas=[0.05] * photos,
            photo_zones=[1] * photos,
            found_pages=[[number, 0, 0, 0, 0, 0, 1, 2, 0, 0, 1] for number in range(1, pages)],
        )
        for measure in MEASURES:
            self._rows.add(
                EditionMeasureRow,
                recipe_id=self._recipe.id,
                measure=measure,
                edition_id=i,
                probabilities=[None, *(0.25 for _ in range(photos - 1))],
                decided=[0] * photos,
            )
            for zone in Zone:
                self._share(i, measure, zone, photos)
        add_claim(self._rows, i, day, self._recipe, at=AT)
        self._rows.add(
            EventRow,
            event_date=day,
            title=f"event {i}",
            place=None,
            leader_attended=None,
            publication_id=publication_id,
            source="",
            seeded=False,
        )

    def _share(self, edition_id: int, measure: str, zone: Zone, n: int) -> None:
        p = self._random.random()
        self._rows.add(
            EditionShareRow,
            recipe_id=self._recipe.id,
            measure=measure,
            zone=zone,
            edition_id=edition_id,
            n=n,
            decided=n // 3,
            expected=p * n,
            area=n * 0.05,
            area_decided=0.1,
            area_expected=0.2,
        )

    def _page(self, edition_id: int, number: int) -> None:
        if number == 6:
            self._rejected_page(edition_id, number)
            return
        scan = self._next("scan")
        generator.add_page(
            self._rows,
            self._recipe,
            ids=(self._next("page"), edition_id, scan),
            number=number,
            source=f"page_{number}.png",
            sha256=_sha("scan", scan),
            status=Status.DONE,
            at=AT,
            skew=self._random.gauss(0, 1),
            dpi=150,
            colour=True,
            halftone=None,
            brightness=0.7,
            ink_share=0.6,
            text_share=0.3,
            column_width=270.5,
        )
        self._rows.add(
            FolioRow,
            outcome_id=scan,
            text="=2026-01-01 | 1",
            day=date(2026, 1, 1),
            day_confidence=0.97,
            number=number,
            number_confidence=0.9,
            name="=Name",
            name_confidence=0.8,
        )
        for position in range(self._photos):
            self._photo(scan, number, position)
        self._place()
        if number == 2:
            self._removed_photo(scan)
        if number == 1:
            headline = self._next("headline")
            self._rows.add(
                HeadlineRow,
                id=headline,
                outcome_id=scan,
                position=0,
                text="=1+1",
                **Box(10.0, 10.0, 500.0, 60.0).corners(),
            )
            self._rows.add(HeadlinePhotoRow, headline_id=headline, photo_position=0)

    def _rejected_page(self, edition_id: int, number: int) -> None:
        self._rows.add(
            PageRow,
            id=self._next("page"),
            edition_id=edition_id,
            number=number,
            is_front=False,
            source=f"page_{number}.txt",
            scan_id=None,
            status=Status.REJECTED,
            reason="unknown format",
            detail="this is no scan",
        )

    def _place(self) -> None:
        """Add the placement of the photos of the last page."""
        photos = self._rows.of(PhotoRow)[-self._photos :] if self._photos else []
        boxes = [Box(*(photo[corner] for corner in CORNERS)) for photo in photos]
        for photo, stored in zip(photos, placements(boxes, (WIDTH, HEIGHT)), strict=True):
            photo |= stored

    def _removed_photo(self, outcome_id: int) -> None:
        """Add what was found, and people have said to be no photo."""
        box = Box(100, 100, 300, 250)
        (placed,) = placements([box], (WIDTH, HEIGHT))
        own = {"outcome_id": None, "removed_from_id": outcome_id, "by_hand": False, "score": 0.5}
        number = {"id": self._next("photo"), "position": self._photos}
        self._rows.add(PhotoRow, **number, **own, **box.corners(), **placed)

    def _photo(self, outcome_id: int, number: int, position: int) -> None:
        rng, photo = self._random, self._next("photo")
        key = {"photo_id": photo, "recipe_id": self._recipe.id}
        x0, y0 = rng.uniform(0, WIDTH - 600), rng.uniform(0, HEIGHT - 500)
        box = Box(x0, y0, x0 + rng.uniform(50, 600), y0 + rng.uniform(50, 500))
        self._rows.add(
            PhotoRow,
            id=photo,
            outcome_id=outcome_id,
            position=position,
            score=rng.random(),
            by_hand=False,
            removed_from_id=None,
            **box.corners(),
        )
        self._interpretation(key, box)
        for i in range(self._detections):
            self._rows.add(
                DetectionRow,
                photo_id=photo,
                position=i,
                score=rng.random(),
                label="building" if i == 2 else "person",
                child=0.25 if i else 0.75,
                **Box(box.x0 + 1, box.y0 + 1, box.x1 - 1, box.y1 - 1).corners(),
            )
        if position % 3 == 0:
            self._sighting(key, box, appears=position % 2 == 0)
        if position == 0:
            self._first_photo(photo, outcome_id, box)
        if number == 2 and position == 1:
            self._reviews(photo, outcome_id, box)
            self._sample(photo, outcome_id, box)

    def _interpretation(self, key: dict[str, Any], box: Box) -> None:
        rng = self._random
        self._rows.add(
            InterpretationRow,
            **key,
            **self._versions,
            verdict=rng.choice(["leader", "facility", "neither", "unsure"]),
            leader=rng.random() / 2,
            facility=rng.random() / 2,
            reasons=[["leader_area_share", rng.random(), 0.5]],
        )
        for subject in Subject:
            counted = subject in (Subject.PEOPLE, Subject.CROWD, Subject.CHILDREN)
            count = rng.randrange(20) if counted else None
            self._rows.add(
                SubjectReadingRow,
                **key,
                subject=subject,
                probability=rng.random(),
                count=count,
                count_low=count,
                count_high=count and count + 3,
                places=[box.to_list()],
            )
        for label in LABELS:
            self._rows.add(LabelReadingRow, **key, label=label, probability=rng.random())

    def _sighting(self, key: dict[str, Any], box: Box, *, appears: bool) -> None:
        shown: dict[str, Any] = dict.fromkeys(SHOWN)
        if appears:
            shown |= {f"body_{corner}": value for corner, value in box.corners().items()}
            shown |= {"body_found": True, "area_share": 0.5, "centrality": 0.9, "size_rank": 1}
            shown |= {"people_beside": 3, "shot_size": "close"}
        self._rows.add(
            SightingRow,
            **key,
            figure_id=1,
            probability=self._random.uniform(0.5, 1),
            answer="yes",
            told_by="face",
            reasons=[["distance", 1.5]],
            **box.corners(),
            **shown,
        )

    def _first_photo(self, photo: int, outcome_id: int, box: Box) -> None:
        """Add a caption, a face and, to one of four, another print on the page before."""
        if outcome_id % 4 == 0:
            for one, other in ((self._first, photo), (photo, self._first)):
                self._rows.add(ReprintRow, photo_id=one, other_id=other, places=60, likeness=0.75)
        self._first = photo
        self._rows.add(
            CaptionRow,
            photo_id=photo,
            place="below",
            text=(None, "", "'=quoted", "金正恩, «x»\r\ny")[outcome_id % 4],
            **Box(box.x0, box.y1, box.x1, box.y1 + 20).corners(),
        )
        face = {"position": 0, "score": 0.123456789, "child": 0.1, "landmarks": []}
        corners = Box(box.x0, box.y0, box.x0 + 9, box.y0 + 9).corners()
        self._rows.add(FaceRow, photo_id=photo, **face, embedding=None, **corners)

    def _reviews(self, photo: int, scan: int, box: Box) -> None:
        """Add two reviews that disagree, a consensus, and a review of the page."""
        shares = Box(box.x0 / WIDTH, box.y0 / HEIGHT, box.x1 / WIDTH, box.y1 / HEIGHT)
        for coder in ("A", "-B"):
            review = self._next("review")
            add_review_edit(self._rows, self._next("edit"), photo, coder, at=AT)
            self._rows.add(
                ReviewRow,
                id=review,
                scan_id=scan,
                coder=coder,
                codebook="1",
                note="@note",
                created_at=AT,
                edit_id=self._ids["edit"],
                **shares.corners(),
            )
            for measure, shows in (("crowd", None), ("people", coder == "A")):
                self._rows.add(ReviewAnswerRow, review_id=review, measure=measure, shows=shows)
        key = {"photo_id": photo, "measure": "people", "codebook": "1"}
        self._rows.add(SettledAnswerRow, **key, shows=True)
        self._rows.add(ModelAnswerRow, **key, coder="model:a@1", reason="=1", added_at=AT)
        review = self._next("page_review")
        self._rows.add(
            PageReviewRow,
            id=review,
            scan_id=scan,
            coder="A",
            codebook="1",
            checked=True,
            note="=note",
            created_at=AT,
        )
        for position, photos in enumerate((0, 2, 1)):
            corners = shares.moved(0, 0.2 * position).corners()
            drawn = [list(corners.values())] if photos == 1 else None
            self._rows.add(
                PageMarkRow,
                review_id=review,
                position=position,
                photos=photos,
                boxes=drawn,
                **corners,
            )

    def _sample(self, photo: int, scan: int, box: Box) -> None:
        """Add a sample of one photo."""
        number = self._next("sample")
        of_sample = {"sample_id": number}
        self._rows.add(
            SampleRow,
            id=number,
            name=f"=people {number}",
            kind=SampleKind.PHOTOS,
            zone=Zone.FRONT,
            weight=Weight.COUNT,
            publication="Rodong Sinmun",
            first_date=date(2015, 1, 2),
            seed=number,
            coders=["A", "-B"],
            second_share=0.1,
            wished_width=0.06,
            recipe_id=self._recipe.id,
            codebook="1",
            created_at=AT,
        )
        self._rows.add(SampleMeasureRow, **of_sample, measure="people", position=0)
        self._rows.add(SampleStratumRow, **of_sample, stratum=0, definition="=all", size=3, drawn=1)
        self._rows.add(SampleEditionRow, **of_sample, edition_id=number, sizes=[3])
        shares = Box(box.x0 / WIDTH, box.y0 / HEIGHT, box.x1 / WIDTH, box.y1 / HEIGHT)
        self._rows.add(
            SampleItemRow,
            id=number,
            **of_sample,
            place=0,
            stratum=0,
            scan_id=scan,
            probability=0.25,
            coder="A",
            second=True,
            second_coder="-B",
            **shares.corners(),
        )
        self._rows.add(
            SampledPhotoRow,
            photo_id=photo,
            item_id=number,
            measure="people",
            status=ItemStatus.ADJUDICATED,
            coded_since=True,
        )
