"""The shipped month: made of the recording alone, and showing what it was composed of."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from presslens.app.db.queries import ANY_EDITION, EditionScope, printed_photos
from presslens.app.db.tables import EditionRow, PageRow, PhotoRow, PublicationRow
from presslens.app.installation import Installation, open_installation
from presslens.app.month.make import Month, make_month, month_settings, sayings, shipped_recording
from presslens.app.month.recording import RecordedPage, Recording
from presslens.app.platform.errors import Conflict
from presslens.app.platform.sample_sources import sample_sources
from presslens.app.platform.settings import Settings
from presslens.app.services.catalogue.editions import iterate_editions
from presslens.app.services.catalogue.progress import EditionStatus
from presslens.app.services.claims.claims import claim_named
from presslens.app.services.claims.verdicts import claim_verdict
from presslens.models.geometry import Box
from presslens.models.recipe import Recipe
from presslens.models.vocabulary import PageObservation
from presslens.samples.month import DAILY, DAMAGED, IN_PART, SPECIAL, calendar

NOW = datetime(2026, 1, 2, tzinfo=UTC)

pytestmark = pytest.mark.timeout(1800)


@pytest.fixture
def home(month_folder: Path) -> Iterator[Installation]:
    with open_installation(month_settings(Settings(), month_folder)) as opened:
        yield opened


def test_the_recording_is_of_the_recipe_and_the_generator_that_are_shipped(
    month_folder: Path,
) -> None:
    """If this fails, the rules of observation or samples/month.py have changed: record again."""
    replayed, of = (month_folder / "replayed").read_text().split(" of ")
    assert replayed == of


def test_the_recording_is_of_the_rules_of_observation_that_are_shipped() -> None:
    """If this fails, the rules of observation have changed: record again."""
    assert shipped_recording().observation_id == Recipe.load().observation_id


@pytest.mark.long
def test_two_editions_are_made_of_the_recording_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If this fails, samples/month.py has changed: record again."""
    sources = sample_sources(Settings())
    if not all(sources.location(one).is_file() for one in sources.manifest.weight):
        pytest.skip(f"sources are not in {sources.packages}; run `make setup`")
    few = (DAMAGED[:2], (DAILY, IN_PART[0]))
    issues = [issue for issue in calendar() if (issue.publication, issue.day) in few]
    monkeypatch.setattr("presslens.app.month.make.calendar", lambda: issues)
    month = make_month(
        Settings(min_free_bytes=0),
        tmp_path / "month",
        recording=shipped_recording(),
        progress=lambda *_: None,
    )
    assert (month.editions, month.replayed) == (2, len(month.names))


def test_all_editions_are_there_and_done(home: Installation) -> None:
    editions = list(iterate_editions(home, ANY_EDITION))
    assert len(editions) == len(calendar()) + 1
    assert {e.status for e in editions} == {EditionStatus.DONE}
    damaged = [e for e in editions if "rejected" in e.outcomes]
    assert [(e.publication, e.edition_date) for e in damaged] == [DAMAGED[:2]]
    twice = [e for e in editions if (e.publication, e.edition_date) == (DAILY, IN_PART[0])]
    assert sorted(e.superseded for e in twice) == [False, True]


def test_nearly_all_composed_photos_were_found_where_they_are(
    home: Installation, month_folder: Path
) -> None:
    query = printed_photos(
        home.recipe, PhotoRow, PublicationRow.name, EditionRow.edition_date, PageRow.number
    )
    found: dict[tuple[str, str, int], list[Box]] = {}
    with home.database.read() as session:
        for photo, name, day, number in session.execute(query):
            found.setdefault((name, day.isoformat(), number), []).append(photo.box)
    overlaps = []
    for file in (month_folder / "truth").glob("*.json"):
        truth = json.loads(file.read_text())
        edition = truth["edition"]["publication"], truth["edition"]["date"]
        for page in truth["pages"]:
            boxes = found.get((*edition, page["number"]), [])
            for photo in page["photos"]:
                box = Box(*photo["box"])
                overlaps.append(max((box.iou(other) for other in boxes), default=0.0))
    assert len(overlaps) > 1000
    assert np.mean(np.array(overlaps) > 0.8) > 0.9


def test_verdicts_on_its_claims_never_contradict_what_was_composed(home: Installation) -> None:
    for said in sayings()["claim"]:
        truly = "true" if said["source"].startswith("composed sample (truly so") else "false"
        verdict = claim_verdict(home, claim_named(home, said["key"]).id, now=NOW).to_json()[
            "verdict"
        ]
        assert verdict in (truly, "undecided"), said["key"]
    decided = claim_verdict(home, claim_named(home, "month-photos").id, now=NOW).to_json()
    assert decided["verdict"] == "true"


def test_special_editions_have_over_a_hundred_photos(home: Installation) -> None:
    for day in SPECIAL:
        scope = EditionScope(DAILY, day, day)
        query = printed_photos(home.recipe, PhotoRow.id).where(*scope.conditions())
        with home.database.read() as session:
            assert len(session.execute(query).all()) > 100


def test_a_month_is_not_made_over_another(month_folder: Path) -> None:
    with pytest.raises(Conflict, match="delete that folder"):
        make_month(Settings(), month_folder, recording=None, progress=lambda *_: None)


def test_a_page_that_was_composed_otherwise_is_not_taken_from_the_recording(
    tmp_path: Path,
) -> None:
    scan, month = tmp_path / "page.jpg", Month(tmp_path)
    scan.write_bytes(b"a scan")
    month.add(scan, "a/1", {"photos": [1]})
    seen = PageObservation(1, 1, ())
    same = RecordedPage(month.fingerprints["a/1"], seen)
    assert list(month.recorded(Recording("d" * 64, {"a/1": same})).values()) == [seen]
    other = RecordedPage("0" * 64, seen)
    assert month.recorded(Recording("d" * 64, {"a/1": other})) == {}
    assert month.recorded(Recording("d" * 64, {"a/2": same})) == {}
