"""An analysed archive with answers, a claim and a figure, and its deposit; each is made once."""

import io
import shutil
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select, update

from presslens.app.citations.citation import CitedAuthor
from presslens.app.db.queries import EditionScope
from presslens.app.db.tables import EditionRow, InterpretationRow
from presslens.app.deposit.description import Funder
from presslens.app.deposit.verify import verify_deposit
from presslens.app.deposit.write import DepositRequest, write_deposit
from presslens.app.services.analysis.summarise import summarise_edition
from presslens.app.services.catalogue.photo_filter import PhotoFilter
from presslens.app.services.catalogue.photos import list_photos
from presslens.app.services.claims.claims import NewClaim, add_claim
from presslens.app.services.figures.figures import add_figure, add_references
from presslens.app.services.ingest.upload import Incoming
from presslens.app.services.reviews.reviews import NewReview, review_photo
from presslens.models.vocabulary import Focus

from ..first_states import made_once

DAY = date(2026, 3, 1)
CODERS = ("Ada Lovelace", "Grace Hopper")
REQUEST = DepositRequest(
    scope=EditionScope(),
    day=DAY,
    authors=(
        CitedAuthor("Carberry, Josiah", "0000-0002-1825-0097", "Brown University"),
        CitedAuthor("국립중앙도서관"),
    ),
    doi="10.5281/zenodo.1234",
    version="1.0.0",
    licence="CC-BY-4.0",
    publisher="Zenodo",
    description="Two editions & what they show.",
    keywords=("사진",),
    funders=(Funder("A foundation", "123"),),
)


@pytest.fixture
@made_once
def answered(home, worker, put, make, scans, now):
    """Two newspapers, a figure with a reference, answers of two coders, and a claim."""
    kim = add_figure(home, "Kim", now=now)
    reference = Incoming("kim.png", io.BytesIO(make(faces=1, tint=9)))
    add_references(home, kim, [reference], now=now)
    put(scans)
    put({"a.png": make(persons=2, tint=3)}, publication="Minju Choson", day=date(2019, 12, 17))
    worker.drain()
    photos = list_photos(home, PhotoFilter(), limit=10).photos
    for photo, coder, shows in zip(photos, (*CODERS, CODERS[0]), (True, False, True), strict=False):
        review = NewReview(photo.id, coder, {"children": shows}, note=f"so says {coder}")
        review_photo(home, review, now=now)
    claim = NewClaim(
        "It had photos.", "photos >= 1", "Rodong Sinmun", date(2019, 12, 16), date(2019, 12, 16),
        key="photos-16",
    )  # fmt: skip
    add_claim(home, claim, now=now)
    neither = InterpretationRow.verdict == Focus.NEITHER
    with home.database.write() as session:  # scores that the scripted verdicts follow from
        session.execute(update(InterpretationRow).where(neither).values(leader=0.1, facility=0.1))
        editions = session.scalars(select(EditionRow.id)).all()
    for edition in editions:
        summarise_edition(home, edition)


@pytest.fixture(scope="session")
def deposits(tmp_path_factory) -> dict[str, Path]:
    """Keep the deposit that tests copy."""
    return {"folder": tmp_path_factory.mktemp("deposits")}


@pytest.fixture
def deposit(home, answered, deposits, tmp_path) -> Path:
    """Return a deposit of the archive."""
    database = home.database.engine.dialect.name
    if database not in deposits:
        deposits[database] = deposits["folder"] / database
        write_deposit(home, REQUEST, deposits[database], lambda *_: None)
    return shutil.copytree(deposits[database], tmp_path / "deposit")


@pytest.fixture
def verify(tmp_path):
    """Return a function that verifies a deposit."""

    def verified(place, present=None, seconds=600.0):
        scratch = tmp_path / "verifying"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
        options = {"present": present, "seconds": seconds, "progress": lambda *_: None}
        return verify_deposit(place, scratch, **options)

    return verified
