"""Photos that somebody picked settle themselves alone: shares move by what these were off."""

import io

import numpy as np
import pytest
from sqlalchemy import select

from presslens.app.db.tables import PageRow, PhotoRow
from presslens.app.platform import clock
from presslens.app.services.corrections.photos import draw_photo, remove_photo
from presslens.app.services.corrections.undo import undo_edit
from presslens.app.services.edits.listing import EditFilter, iterate_edits
from presslens.app.services.figures.figures import add_figure, add_references
from presslens.app.services.ingest.upload import Incoming
from presslens.app.services.reviews.reviews import NewReview, review_photo
from presslens.app.services.shares.selection import EditionCriteria
from presslens.app.services.statistics.by_group import GroupBy, statistic
from presslens.app.services.statistics.edition_composition import edition_composition
from presslens.models.geometry import Box
from presslens.models.vocabulary import Focus
from presslens.pipelines.statistics.measure import BUILT_IN, Weight, Zone
from presslens.pipelines.statistics.metrics import Metric
from presslens.pipelines.statistics.validity import LOOKED_AT_FIRST

from ...first_states import made_once

MEASURES = (*sorted(set(BUILT_IN) - LOOKED_AT_FIRST), "figure:Kim", "label:indoor")
KINDS = ("children", "leader", "focus_leader", "figure:Kim", "label:indoor")
"""A measure of each kind: on each commit these, at length all."""
ROUNDED = 2e-6
"""Summaries store areas and probabilities with six digits."""

BLOCKS = [(20, 20, 150, 120), (170, 20, 300, 160), (20, 200, 150, 400), (170, 200, 300, 300)]


@pytest.fixture
@made_once
def edition(home, worker, put, make):
    """An edition of five photos on two pages, analysed with a leader enrolled."""
    figure = add_figure(home, "Kim", now=clock.now())
    files = [Incoming("kim.png", io.BytesIO(make(persons=1, faces=1, tint=7)))]
    add_references(home, figure, files, now=clock.now())
    pages = {"page_1.png": make(persons=2, faces=1), "page_2.png": make(BLOCKS, tint=20)}
    edition_id = put(pages).edition_id
    worker.drain()
    return edition_id


@pytest.fixture
def photos(home, edition):
    """Ids and areas of its photos, in reading order."""
    with home.database.read() as session:
        rows = session.scalars(select(PhotoRow).order_by(PhotoRow.outcome_id, PhotoRow.position))
        return {row.id: row.area_share for row in rows}


def shares(home, edition, measure):
    """Return the share by count and by area, in all zones but the front page's, and in series."""
    composition = edition_composition(home, edition).report.composition
    by_zone = [
        composition.share(measure, zone, weight).share
        for zone in (Zone.ALL, Zone.INSIDE)
        for weight in Weight
    ]
    series = statistic(home, Metric(measure), EditionCriteria(), by=GroupBy.EDITION)
    return [*by_zone, series.groups[0].estimate.value]


def answered(measure, photo, shows):
    """Return a review that answers a measure, by what is asked for it."""
    if measure == "focus_leader":
        return NewReview(photo, "A", {}, focus=Focus.LEADER if shows else Focus.FACILITY)
    return NewReview(photo, "A", {measure: shows})


@pytest.mark.sqlite_alone
@pytest.mark.parametrize("measures", [KINDS, pytest.param(MEASURES, marks=pytest.mark.long)])
def test_k_picked_photos_of_n_move_a_share_by_what_they_were_off(
    home, edition, photos, now, measures
):
    """What a photo was off is its answer less what it had added to the share before.

    That is told by picking it alone: a yes and a no are one photo of n apart. k of them move the
    share by the sum, whatever the others are.
    """

    def picked(measure, answers):
        for photo, shows in answers.items():
            review_photo(home, answered(measure, photo, shows), now=now)
        found = shares(home, edition, measure)
        for edit in iterate_edits(home, EditFilter(undone=False, target="photo")):
            undo_edit(home, edit.id, coder=None, now=now)
        return np.array(found)

    inside = list(photos)[1:]
    weights = np.array([[1, area, 1, area, 1] for area in photos.values()])
    weights[0, 2:4] = 0
    weights = dict(zip(photos, weights / weights.sum(0), strict=True))
    answers = dict(zip(inside[1:3], (True, False), strict=True))
    for measure in measures:
        before = picked(measure, {})
        off = 0
        for photo, shows in answers.items():
            yes, no = (picked(measure, {photo: shown}) for shown in (True, False))
            assert yes - no == pytest.approx(weights[photo], abs=ROUNDED), measure
            off = off + (yes if shows else no) - before
        moved = picked(measure, answers) - before
        assert moved == pytest.approx(off, abs=ROUNDED), measure
        assert picked(measure, {}) == pytest.approx(before, abs=1e-12), measure


def test_a_corrected_box_moves_counts_by_itself_alone(home, edition, photos, now):
    """A photo that is none leaves the sums; one that was missed is counted, and shows nothing."""

    def numbers():
        return edition_composition(home, edition).report.composition

    before = numbers()
    gone = list(photos)[1]
    sums = before.arrays.sums("children", Zone.ALL)
    remove_photo(home, gone, coder="A", now=now)
    after = numbers()
    n = len(photos)
    assert after.summary.photos == n - 1
    assert after.summary.photo_area == pytest.approx(before.summary.photo_area - photos[gone])
    p = before.arrays.probabilities["children"][1]
    assert after.arrays.sums("children", Zone.ALL).expected == pytest.approx(sums.expected - p)
    with home.database.read() as session:
        page = session.scalars(select(PageRow.id).where(PageRow.number == 1)).one()
    draw_photo(home, page, Box(20, 250, 180, 420), coder="A", now=now)
    drawn = numbers()
    assert (drawn.summary.photos, drawn.arrays.sums("children", Zone.ALL).n) == (n, n - 1)
    assert drawn.share("children").share == after.share("children").share
