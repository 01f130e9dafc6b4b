"""What people say of a sighting holds in every list of sightings, and outlives re-analysis."""

import io
import json

import pytest
from sqlalchemy import select

from presslens.app.api.export_links import ExportLinks
from presslens.app.db.queries import EditionScope
from presslens.app.db.reviews import SettledAnswerRow
from presslens.app.db.tables import FaceRow, PhotoRow, SightingRow
from presslens.app.platform.errors import NotFound
from presslens.app.platform.language import language
from presslens.app.services.catalogue.facets import count_facets
from presslens.app.services.catalogue.pages import find_page
from presslens.app.services.catalogue.photo_filter import AppearanceFilter, PhotoFilter
from presslens.app.services.catalogue.photo_index import photo_index
from presslens.app.services.catalogue.photos import list_photos
from presslens.app.services.catalogue.sightings import (
    SightingCounts,
    count_sightings,
    list_sightings,
)
from presslens.app.services.corrections.undo import undo_edit
from presslens.app.services.edits.listing import EditFilter, iterate_edits
from presslens.app.services.exports.canonical_dump import canonical_dump
from presslens.app.services.exports.export import export_coco
from presslens.app.services.exports.iiif_annotations import page_annotations
from presslens.app.services.figures.figures import add_figure, add_references
from presslens.app.services.ingest.upload import Incoming
from presslens.app.services.pictures.pictures import figure_picture
from presslens.app.services.reviews.reviews import NewReview, review_photo
from presslens.app.services.shares.selection import EditionCriteria
from presslens.app.services.statistics.by_group import statistic
from presslens.app.services.statistics.edition_composition import edition_composition
from presslens.app.services.statistics.edition_metrics import load_editions
from presslens.app.web.alternatives import shown_in_words
from presslens.app.web.page_boxes import named_boxes
from presslens.models.faces.appearance import centrality
from presslens.models.geometry import Box
from presslens.models.vocabulary import Answer
from presslens.pipelines.statistics.metrics import Metric

from ...first_states import made_once

KIM = "figure:Kim"


def _listed(home, figure):
    return list_sightings(home, figure, limit=9).to_json()["sightings"]


@pytest.fixture
@made_once
def kim(home, worker, put, scans, make, now):
    """A figure that is seen in the first of three photos."""
    figure = add_figure(home, "Kim", now=now)
    reference = Incoming("a.png", io.BytesIO(make(faces=1)))
    add_references(home, figure, [reference], now=now)
    put(scans)
    worker.drain()
    return figure


def photos(home):
    """Return the ids of the photo with a face, and of another one of the same observation."""
    with home.database.read() as session:
        query = select(PhotoRow.id).order_by(PhotoRow.id)
        newest = list(session.scalars(query))[-3:]
        seen = select(FaceRow.photo_id).where(FaceRow.photo_id.in_(newest))
        (face,) = session.scalars(seen.distinct())
    return face, next(photo for photo in newest if photo != face)


def listed(home, figure, **appearance):
    """Return the photos of a figure by the list, and check that the gallery and facets agree."""
    criteria = PhotoFilter(
        figures=("Kim",), min_probability=0.0, appearance=AppearanceFilter(**appearance)
    )
    by_list = {photo.id for photo in list_photos(home, criteria, limit=9).photos}
    index = photo_index(home)
    places = index.columns.photo[index.select(criteria)]
    assert set(index.columns.photos[places].tolist()) == by_list
    options = count_facets(home, PhotoFilter(min_probability=0.0)).facets["figure"]
    if not appearance:
        assert sum(option.count for option in options) == len(by_list)
        (said,) = [{one["photo"]["id"] for one in _listed(home, figure)}]
        assert said == by_list
        counts = count_sightings(home).get("Kim", SightingCounts())
        assert counts.sure + counts.unsure == len(by_list)
    return by_list


def shown_boxes(home, folder):
    """Return the boxes of the figure on pages, in their manifest and as COCO, by photo."""
    documents = [find_page(home, page).to_json() for page in (1, 2)]
    layers = [named_boxes(document, language("en"))["figures"] for document in documents]
    boxes = {one.photo: [float(x) for x in one.box] for layer in layers for one in layer}
    photos = [photo for document in documents for photo in document["photos"]]
    words = {one["id"]: shown_in_words(one, spoken=language("en")) for one in photos}
    assert {photo for photo, told in words.items() if "Kim" in told} == boxes.keys()
    links = ExportLinks("https://example.org")
    annotated = [one for page in (1, 2) for one in page_annotations(home, page, links)["items"]]
    tags = [one for one in annotated if one["motivation"] == ["tagging"]]
    assert len(tags) == len(boxes) == str(annotated).count("/figure-")
    texts = [one["body"]["value"] for one in annotated if one["motivation"] == ["commenting"]]
    assert sum("Kim" in text for text in texts) == len(boxes)
    folder.mkdir(exist_ok=True)
    coco = json.loads(
        export_coco(home, EditionScope(edition=1), folder, image_path=str).path.read_text()
    )
    [kim] = [one["id"] for one in coco["categories"] if one["name"] == KIM]
    found = {a["photo_id"]: a for a in coco["annotations"] if a["category_id"] == kim}
    assert {photo: one["bbox"][:2] for photo, one in found.items()} == {
        photo: pytest.approx(box[:2], abs=0.1) for photo, box in boxes.items()
    }
    return boxes


def numbers(home):
    """Return the numbers of the leader, which are the same of the summary and of the page."""
    document = edition_composition(home, 1).to_json()
    names = ("leader_photos", "leader_area", "leader_centrality")
    [facts] = load_editions(
        home, EditionCriteria(edition=1), metrics=[Metric(name) for name in names]
    ).editions
    for name in names:
        assert facts.metrics[Metric(name)].value == pytest.approx(document[name], abs=1e-4)
    found, area, middle = (document[name] for name in names)
    placed = document["leader_placed"]
    note = facts.metrics[Metric("leader_area")].note
    assert (note is None) == (placed == found)
    [group] = statistic(home, Metric("leader_area"), EditionCriteria()).groups
    assert group.estimate.note == note
    assert document["machine"]["leader_photos"] == 1
    return found, placed, area, middle


def say(home, photo, shows, now, **given):
    review_photo(home, NewReview(photo, "A", {KIM: shows}, **given), now=now)


def test_a_rejected_sighting_is_listed_nowhere_and_stays_rejected(home, kim, now, anew, tmp_path):
    face, _ = photos(home)
    assert listed(home, kim) == {face}
    use = edition_composition(home, 1).report.figures[0]
    assert (use.photos.sure, use.area_share is None) == (1, False)
    assert numbers(home)[:2] == (1, 1)
    assert shown_boxes(home, tmp_path).keys() == {face}
    say(home, face, False, now)
    assert listed(home, kim) == set()
    use = edition_composition(home, 1).report.figures[0]
    assert (use.photos.sure, use.area_share) == (0, None)
    assert numbers(home) == (0, 0, None, None)
    assert shown_boxes(home, tmp_path) == {}
    (row,) = [one.row() for one in list_photos(home, PhotoFilter(page=1), limit=9).photos]
    assert row["figures"] == ""
    with pytest.raises(NotFound, match="people say"):
        figure_picture(home, face, kim)
    with anew() as (later, worker):
        worker.drain()
        again, _ = photos(later)
        assert again != face
        with later.database.read() as session:
            key = again, later.recipe.id, kim
            assert session.get(SightingRow, key) is not None  # the machine sees it again
            settled = session.get(SettledAnswerRow, (again, KIM))
            assert settled.shows is False
        assert listed(later, kim) == set()


def test_whom_people_see_is_listed_where_they_say(home, kim, now, tmp_path):
    face, other = photos(home)
    place = Box(30, 30, 60, 90)
    before, dumped = numbers(home), canonical_dump(home)
    say(home, other, True, now)
    assert numbers(home) == (2, *before[1:])  # where he stands is not known there
    with home.database.read() as session:
        frame = session.get_one(PhotoRow, other).box
    say(home, other, True, now, places={KIM: place})
    photos_, placed, area, middle = numbers(home)
    assert (photos_, placed) == (2, 2)
    share = place.intersection(frame) / frame.area
    assert area == pytest.approx((before[2] + share) / 2, abs=1e-4)
    assert middle == pytest.approx((before[3] + centrality(place, frame)) / 2, abs=1e-4)
    for edit in iterate_edits(home, EditFilter(undone=False, target="photo")):
        undo_edit(home, edit.id, coder=None, now=now)
    assert (numbers(home), canonical_dump(home)) == (before, dumped)
    say(home, other, True, now, places={KIM: place})
    say(home, face, True, now)
    boxes = shown_boxes(home, tmp_path)
    assert boxes[other] == pytest.approx(place.to_list(), abs=0.1)
    assert listed(home, kim) == boxes.keys() == {face, other}
    assert listed(home, kim, answer=Answer.YES) == {face, other}
    assert listed(home, kim, answer=Answer.UNSURE) == set()
    assert listed(home, kim, alone=False) == {face}  # how others stand there is not known
    told = {one["photo"]["id"]: one for one in _listed(home, kim)}
    assert told[other]["box"] == pytest.approx(place.to_list(), abs=0.1)
    assert (told[other]["told_by"], told[other]["probability"]) == ("people", None)
    assert told[face]["settled"] is True
    right = Box(35, 50, 70, 120)
    say(home, face, True, now, places={KIM: right})  # the machine's face is not where he stands
    assert shown_boxes(home, tmp_path)[face] == pytest.approx(right.to_list(), abs=0.1)
    told = {one["photo"]["id"]: one for one in _listed(home, kim)}
    assert told[face]["box"] == pytest.approx(right.to_list(), abs=0.1)
