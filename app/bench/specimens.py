"""An archive of generated rows: quick to make, and all tables have some."""

import random
from datetime import UTC, date, datetime, timedelta

import numpy as np
from sqlalchemy import insert

from app.db.claims import ClaimRow, EventRow
from app.db.figures import FigureRow
from app.db.placement import placements
from app.db.reviews import ReviewAnswerRow, ReviewRow, SettledAnswerRow
from app.db.statistics import EditionShareRow, EditionSummaryRow
from app.db.tables import (
    CaptionRow,
    DetectionRow,
    EditionRow,
    FaceRow,
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
from app.services.figures.gallery import gallery_version
from app.services.labels.label_set import label_set_version
from models.geometry import Box
from models.labels.classifier import LabelClassifier
from models.vocabulary import Subject
from pipelines.statistics.measure import Zone

AT = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
LABELS = (
    "aerial",
    "ceremony",
    "flags",
    "indoor",
    "machinery",
    "military",
    "night",
    "plant_interior",
    "products",
    "stage",
)
WIDTH, HEIGHT = 2000, 2900
MEASURES = (*(s.value for s in Subject), "leader", "figure:Kim", "label:indoor")


def sha(*parts) -> str:
    return f"{random.Random(repr(parts)).getrandbits(256):064x}"


class Filler:
    """Puts generated rows into a database, some thousands at a time."""

    def __init__(self, session, recipe, *, photos=8, detections=3, seed=0):
        self.session, self.recipe = session, recipe
        self.photos, self.detections = photos, detections
        self.random = random.Random(seed)
        self.rows = {}
        self.ids = dict.fromkeys(("scan", "page", "photo", "headline"), 0)

    def add(self, table, **values):
        self.rows.setdefault(table, []).append(values)

    def next(self, name):
        self.ids[name] += 1
        return self.ids[name]

    def flush(self):
        for table in ORDER:
            if rows := self.rows.pop(table, None):
                self.session.execute(insert(table), rows)

    def fill(self, editions, *, publications=("Rodong Sinmun",)):
        ids = {}
        for name in publications:
            row = self.session.query(PublicationRow).filter_by(name=name).one_or_none()
            if row is None:
                row = PublicationRow(name=name)
                self.session.add(row)
                self.session.flush()
            ids[name] = row.id
        for i, name in enumerate(("Kim", '=HYPERLINK("x")'), start=1):
            self.add(
                FigureRow, id=i, name=name, role="leader" if i == 1 else "official", created_at=AT
            )
        ribbon = LabelClassifier("ribbon", np.linspace(-1, 1, 1280, dtype=np.float32), 0.25)
        self.add(
            LabelRow,
            id=1,
            name="ribbon",
            created_at=AT,
            version=ribbon.version,
            observation_id=self.recipe.observation_id,
            ap=0.75,
            intercept=ribbon.intercept,
            coefficients=ribbon.coefficients,
        )
        self.flush()
        self.gallery = gallery_version(self.session, self.recipe.observation_id)
        self.label_set = label_set_version(self.session)
        for i in range(1, editions + 1):
            name = publications[i % len(publications)]
            self.edition(i, ids[name], date(2015, 1, 1) + timedelta(days=i))
            if i % 50 == 0:
                self.flush()
        self.flush()
        if self.session.get_bind().dialect.name == "postgresql":
            from app.services.exports.snapshot.restore import reset_sequences

            reset_sequences(self.session)

    def edition(self, i, publication_id, day):
        self.add(
            EditionRow,
            id=i,
            publication_id=publication_id,
            edition_date=day,
            content_key=sha("edition", i),
            created_at=AT,
            unpacked_at=AT,
        )
        pages = 8 if i % 20 == 0 else 6
        first = self.ids["photo"] + 1
        for number in range(1, pages + 1):
            self.page(i, number)
        photos = self.ids["photo"] - first + 1
        self.add(
            EditionSummaryRow,
            edition_id=i,
            recipe_id=self.recipe.id,
            gallery=self.gallery,
            label_set=self.label_set,
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
            front_lead_photo_id=first,
        )
        for measure in MEASURES:
            for zone in Zone:
                self.share(i, measure, zone, photos)
        self.add(
            ClaimRow,
            key=f"claim {i}",
            version=1,
            statement="- six pages",
            rule="pages = 6",
            publication="Rodong Sinmun",
            first_date=day,
            last_date=day,
            source='a, "b"\nc' if i else "",
            note="- of the front page",
            seeded=False,
            created_at=AT,
        )
        self.add(
            EventRow,
            event_date=day,
            title=f"event {i}",
            place=None,
            leader_attended=None,
            publication_id=publication_id,
            source="" if i else "KCNA",
            seeded=False,
        )

    def share(self, i, measure, zone, n):
        p = self.random.random()
        self.add(
            EditionShareRow,
            recipe_id=self.recipe.id,
            measure=measure,
            zone=zone,
            edition_id=i,
            n=n,
            decided=n // 3,
            expected=p * n,
            variance=p,
            low=p / 2,
            high=(1 + p) / 2,
            area=n * 0.05,
            area_decided=0.1,
            area_expected=0.2,
            area_variance=0.01,
            area_low=0.1,
            area_high=0.9,
            n0=n,
            n1=0,
            n2=0,
            n3=0,
            a0=0.5,
            a1=0.0,
            a2=0.0,
            a3=0.0,
        )

    def page(self, edition_id, number):
        if number == 6:
            self.add(
                PageRow,
                id=self.next("page"),
                edition_id=edition_id,
                number=number,
                is_front=False,
                source="page_6.txt",
                status="rejected",
                reason="unknown format",
                detail="this is no scan",
            )
            return
        scan = self.next("scan")
        self.add(ScanRow, id=scan, sha256=sha("scan", scan), frame=0)
        self.add(
            PageRow,
            id=self.next("page"),
            edition_id=edition_id,
            number=number,
            is_front=number == 1,
            source=f"page_{number}.png",
            scan_id=scan,
        )
        self.add(
            OutcomeRow,
            id=scan,
            scan_id=scan,
            observation_id=self.recipe.observation_id,
            status="done",
            width=WIDTH,
            height=HEIGHT,
            skew=self.random.gauss(0, 1),
            dpi=150,
            colour=True,
            halftone=None,
            brightness=0.7,
            ink_share=0.6,
            text_share=0.3,
            column_width=270.5,
            seen_at=AT,
        )
        for position in range(self.photos):
            self.photo(scan, number, position)
        if self.photos:
            self.place(self.rows[PhotoRow][-self.photos :])
        if number == 1:
            headline = self.next("headline")
            self.add(
                HeadlineRow,
                id=headline,
                outcome_id=scan,
                position=0,
                text="=1+1",
                x0=10.0,
                y0=10.0,
                x1=500.0,
                y1=60.0,
            )
            self.add(HeadlinePhotoRow, headline_id=headline, photo_position=0)

    def place(self, photos):
        boxes = [Box(*(photo[name] for name in ("x0", "y0", "x1", "y1"))) for photo in photos]
        for photo, stored in zip(photos, placements(boxes, (WIDTH, HEIGHT)), strict=True):
            photo |= stored

    def photo(self, outcome_id, number, position):
        rng, photo = self.random, self.next("photo")
        key = {"photo_id": photo, "recipe_id": self.recipe.id}
        x0, y0 = rng.uniform(0, WIDTH - 600), rng.uniform(0, HEIGHT - 500)
        x1, y1 = x0 + rng.uniform(50, 600), y0 + rng.uniform(50, 500)
        self.add(
            PhotoRow,
            id=photo,
            outcome_id=outcome_id,
            position=position,
            score=rng.random(),
            x0=x0,
            y0=y0,
            x1=x1,
            y1=y1,
        )
        verdict = rng.choice(["leader", "facility", "neither", "unsure"])
        self.add(
            InterpretationRow,
            **key,
            gallery=self.gallery,
            label_set=self.label_set,
            verdict=verdict,
            leader=rng.random() / 2,
            facility=rng.random() / 2,
            reasons=[["leader_area_share", rng.random(), 0.5]],
        )
        for subject in Subject:
            counted = subject in (Subject.PEOPLE, Subject.CROWD, Subject.CHILDREN)
            count = rng.randrange(20) if counted else None
            self.add(
                SubjectReadingRow,
                **key,
                subject=subject,
                probability=rng.random(),
                count=count,
                count_low=count,
                count_high=count and count + 3,
                places=[[x0, y0, x1, y1]],
            )
        for label in LABELS:
            self.add(LabelReadingRow, **key, label=label, probability=rng.random())
        for i in range(self.detections):
            self.add(
                DetectionRow,
                photo_id=photo,
                position=i,
                score=rng.random(),
                label="building" if i == 2 else "person",
                child=0.25 if i else 0.75,
                x0=x0 + 1,
                y0=y0 + 1,
                x1=x1 - 1,
                y1=y1 - 1,
            )
        if position % 3 == 0:
            self.sighting(key, (x0, y0, x1, y1), looked_at=position % 2 == 0)
        if position == 0:
            self.add(
                CaptionRow,
                photo_id=photo,
                place="below",
                x0=x0,
                y0=y1,
                x1=x1,
                y1=y1 + 20,
                text=(None, "", "'=quoted", "金正恩, «x»\r\ny")[outcome_id % 4],
            )
            self.add(
                FaceRow,
                photo_id=photo,
                position=0,
                score=0.123456789,
                child=0.1,
                x0=x0,
                y0=y0,
                x1=x0 + 9,
                y1=y0 + 9,
                landmarks=[],
                embedding=None,
            )
        if number == 2 and position == 1:
            self.review(photo, outcome_id, (x0 / WIDTH, y0 / HEIGHT, x1 / WIDTH, y1 / HEIGHT))

    def sighting(self, key, box, *, looked_at):
        names = ("x0", "y0", "x1", "y1")
        shown = dict.fromkeys(
            (
                "body_x0",
                "body_y0",
                "body_x1",
                "body_y1",
                "body_found",
                "area_share",
                "face_share",
                "centrality",
                "size_rank",
                "people_beside",
                "row",
                "shot_size",
                "facing",
            )
        )
        if looked_at:
            shown |= {f"body_{name}": value for name, value in zip(names, box, strict=True)}
            shown |= {
                "body_found": True,
                "area_share": 0.5,
                "centrality": 0.9,
                "size_rank": 1,
                "people_beside": 3,
                "shot_size": "close",
            }
        self.add(
            SightingRow,
            **key,
            figure_id=1,
            probability=self.random.uniform(0.5, 1),
            answer="yes",
            told_by="face",
            reasons=[["distance", 1.5]],
            **dict(zip(names, box, strict=True)),
            **shown,
        )

    def review(self, photo, scan, box):
        for coder in ("A", "-B"):
            row = ReviewRow(
                scan_id=scan,
                x0=box[0],
                y0=box[1],
                x1=box[2],
                y1=box[3],
                coder=coder,
                codebook="1",
                drawn_for="people",
                drawn_from="{}",
                note="@note",
                created_at=AT,
            )
            row.answers = [
                ReviewAnswerRow(measure="people", shows=coder == "A"),
                ReviewAnswerRow(measure="crowd", shows=None),
            ]
            self.rows.setdefault("reviews", []).append(row)
        self.add(
            SettledAnswerRow,
            photo_id=photo,
            measure="people",
            shows=True,
            drawn=True,
            drawn_from='{"zone":"front"}',
        )


ORDER = (
    FigureRow,
    LabelRow,
    EditionRow,
    ScanRow,
    PageRow,
    OutcomeRow,
    PhotoRow,
    HeadlineRow,
    HeadlinePhotoRow,
    InterpretationRow,
    SubjectReadingRow,
    LabelReadingRow,
    DetectionRow,
    FaceRow,
    SightingRow,
    CaptionRow,
    EditionSummaryRow,
    EditionShareRow,
    SettledAnswerRow,
    ClaimRow,
    EventRow,
)


def fill(home, editions=3, **options):
    """Put generated editions into an empty installation."""
    publications = options.pop("publications", ("Rodong Sinmun",))
    with home.database.write() as session:
        filler = Filler(session, home.recipe, **options)
        filler.fill(editions, publications=publications)
        session.add_all(filler.rows.pop("reviews", []))
