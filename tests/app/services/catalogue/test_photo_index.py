"""Photos are selected, sorted, counted and listed in memory as their rows say one by one."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date
from mmap import mmap
from types import SimpleNamespace

import numpy as np
import pytest
from sqlalchemy import delete, select, update

from presslens.app.db.queries import EditionScope
from presslens.app.db.reviews import SettledAnswerRow
from presslens.app.db.revision import RevisionRow
from presslens.app.db.statistics import EditionMeasureRow, EditionSummaryRow
from presslens.app.db.superseded import superseded_editions
from presslens.app.db.tables import EditionRow, InterpretationRow, OutcomeRow, PageRow, PhotoRow
from presslens.app.platform.errors import InvalidRequest, NotFound
from presslens.app.services.analysis.summarise import summarise_edition
from presslens.app.services.catalogue.buckets import (
    MIDDLE,
    STEPS,
    aspect_bytes,
    list_buckets,
    photos_between,
    photos_of_bucket,
)
from presslens.app.services.catalogue.facets import count_facets
from presslens.app.services.catalogue.photo_filter import (
    AppearanceFilter,
    PhotoFilter,
    PhotoSort,
    SizeClass,
    size_bounds,
)
from presslens.app.services.catalogue.photo_index import photo_index
from presslens.app.services.catalogue.photos import iterate_photos, list_photos
from presslens.lab.bench import specimens
from presslens.models.vocabulary import Answer, Facing, Focus, ShotSize, Subject
from presslens.pipelines import mapped
from presslens.pipelines.statistics.consensus import focus_of
from presslens.pipelines.statistics.measure import Zone

ALL = PhotoFilter()
PAPERS = ("Minju Joson", "Rodong Sinmun")


@pytest.fixture
def home(home, settings, first_states):
    """Fill an installation with six generated editions of two newspapers."""
    first_states.begin(settings, filled, {"home": home})
    return home


def filled(home):
    specimens.fill(home, 6, photos=2, publications=PAPERS)
    with home.database.read() as session:
        editions = session.scalars(select(EditionRow.id)).all()
    for edition in editions[1:]:  # one is not added up yet
        summarise_edition(home, edition)
    with home.database.write() as session:
        session.execute(delete(EditionMeasureRow).filter_by(edition_id=editions[0]))
        session.execute(delete(EditionSummaryRow).filter_by(edition_id=editions[0]))


def printed(home):
    """Return what the rows say of each printed photo, read one by one."""
    recipe = home.recipe
    with home.database.read() as session:
        gone = set(session.scalars(superseded_editions(recipe)))
        settled = defaultdict(dict)
        for row in session.scalars(select(SettledAnswerRow)):
            settled[row.photo_id][row.measure] = row.shows
        return [
            SimpleNamespace(
                photo=photo, page=page, edition=edition, meaning=meaning,
                publication=edition.publication.name, superseded=edition.id in gone,
                probabilities={
                    **{one.subject.value: one.probability for one in meaning.readings},
                    **{f"label:{one.label}": one.probability for one in meaning.labels},
                    **{f"figure:{one.figure.name}": one.probability for one in meaning.sightings},
                },
                settled=settled[photo.id], caption=(photo.caption and photo.caption.text) or "",
            )
            for meaning in session.scalars(select(InterpretationRow).filter_by(recipe_id=recipe.id))
            for photo in [session.get(PhotoRow, meaning.photo_id)]
            for outcome in [session.get(OutcomeRow, photo.outcome_id)]
            for page in session.scalars(select(PageRow).filter_by(scan_id=outcome.scan_id))
            for edition in [page.edition]
        ]  # fmt: skip


def shows(one, measure, least):
    return one.settled.get(measure, one.probabilities.get(measure, 0) >= least)


def appears(one, asked, name=None):
    """Tell whether a figure appears as a filter asks."""
    how = asked.appearance
    for seen in one.meaning.sightings:
        said = one.settled.get(f"figure:{seen.figure.name}")
        sure, beside = seen.answer == Answer.YES or said is True, seen.people_beside
        if (
            name in (None, seen.figure.name)
            and said is not False
            and (seen.probability >= asked.min_probability or said)
            and how.shot_size in (None, seen.shot_size)
            and how.facing in (None, seen.facing)
            and how.answer in (None, Answer.YES if sure else Answer.UNSURE)
            and (how.alone is None or (beside is not None and how.alone == (beside == 0)))
        ):
            return True
    return False


def selects(asked, one, rules):
    """Tell whether a filter selects a printed photo, by its rows alone."""
    photo, scope = one.photo, asked.scope
    area, front = photo.area_share, one.page.is_front
    zones = {Zone.ALL: True, Zone.FRONT: front, Zone.INSIDE: not front,
        Zone.ABOVE_FOLD: photo.above_fold, Zone.LEAD: photo.is_lead}  # fmt: skip
    low, high = size_bounds(rules)[asked.size] if asked.size else (0, 9)
    return (
        scope.publication in (None, one.publication)
        and scope.edition in (None, one.edition.id)
        and (scope.edition or asked.superseded or not one.superseded)
        and asked.page in (None, one.page.number)
        and zones[asked.zone]
        and area >= (asked.min_size or 0)
        and low <= area < high
        and (asked.text or "") in one.caption.casefold()
        and asked.reviewed in (None, bool(one.settled))
        and all(shows(one, each.value, asked.min_probability) for each in asked.subjects)
        and all(shows(one, f"label:{each}", rules.decision) for each in asked.labels)
        and all(appears(one, asked, each) for each in asked.figures)
        and (asked.figures or asked.appearance == AppearanceFilter() or appears(one, asked))
        and (not asked.focuses or focus_of(one.settled, one.meaning.verdict) in asked.focuses)
    )


def expected(home, asked, sort=PhotoSort.DATE, rows=None):
    """Return what a filter selects by the rows: ids of photo and page, in order.

    Args:
        rows: From ``printed``; None: they are read.
    """

    def key(one):
        ids = one.page.id, one.photo.id
        if sort.by_date:
            return one.edition.edition_date, one.edition.id, one.page.number, one.photo.position
        if sort.by_probability:
            return round(one.probabilities.get(asked.measure, 0), 6), *ids
        return (one.photo.area_share if "size" in sort else one.photo.score), *ids

    rules = home.recipe.aggregate
    rows = printed(home) if rows is None else rows
    found = sorted((one for one in rows if selects(asked, one, rules)), key=key)
    return [(one.photo.id, one.page.id) for one in (found[::-1] if sort.descending else found)]


def listed(home, asked, sort=PhotoSort.DATE):
    """Return what a list, its parts of thirty, and an export hold, which is the same."""
    every = [(one.row_id, one.page_id) for one in iterate_photos(home, asked, sort=sort)]
    parts, start = [], None
    while True:
        part = list_photos(home, asked, sort=sort, limit=30, start=start)
        parts += [(one.row_id, one.page_id) for one in part.photos]
        start = part.next_cursor
        if start is None:
            break
    assert parts == every
    return every


def counted(home, photo_filter, sort=PhotoSort.DATE):
    page = photos_between(home, photo_filter, sort, 0, 10_000)
    assert page.total == len(page.photos)
    return [(photo.id, photo.page) for photo in page.photos]


FILTERS = {
    "all": ALL,
    "newspaper": PhotoFilter(EditionScope("Minju Joson")),
    "unknown newspaper": PhotoFilter(EditionScope("Pravda")),
    "page": PhotoFilter(page=1),
    "front page": PhotoFilter(zone=Zone.FRONT),
    "inside": PhotoFilter(zone=Zone.INSIDE),
    "above the fold": PhotoFilter(zone=Zone.ABOVE_FOLD),
    "lead": PhotoFilter(zone=Zone.LEAD),
    "subject": PhotoFilter(subjects=(Subject.PEOPLE,)),
    "two subjects": PhotoFilter(subjects=(Subject.PEOPLE, Subject.BUILDINGS), min_probability=0.2),
    "label": PhotoFilter(labels=("indoor",)),
    "own label": PhotoFilter(labels=("tractors",)),
    "figure": PhotoFilter(figures=("Kim Jong Un",), min_probability=0.1),
    "appearance": PhotoFilter(
        min_probability=0.0, appearance=AppearanceFilter(answer=Answer.YES, alone=False)
    ),
    "framed": PhotoFilter(
        min_probability=0.0, appearance=AppearanceFilter(ShotSize.CLOSE, Facing.CAMERA)
    ),
    "focus": PhotoFilter(focuses=(Focus.LEADER, Focus.UNSURE)),
    "least size": PhotoFilter(min_size=0.01),
    "small": PhotoFilter(size=SizeClass.SMALL),
    "full page": PhotoFilter(size=SizeClass.FULL_PAGE),
    "text": PhotoFilter(text="a"),
    "reviewed": PhotoFilter(reviewed=True),
    "not reviewed": PhotoFilter(reviewed=False, zone=Zone.INSIDE),
    "superseded too": PhotoFilter(superseded=True),
}


@pytest.mark.both_databases
def test_a_filter_selects_what_the_rows_say(home, subtests):
    sizes, rows = {}, printed(home)
    for what, photo_filter in FILTERS.items():
        with subtests.test(what):
            found = expected(home, photo_filter, rows=rows)
            assert counted(home, photo_filter) == listed(home, photo_filter) == found
            sizes[what] = len(found)
    # They select something, and not everything.
    every = sizes.pop("all")
    assert every > 20
    assert sum(0 < size < every for size in sizes.values()) > 12


def test_orders_are_those_of_the_rows(home, subtests):
    photo_filter, rows = (
        PhotoFilter(subjects=(Subject.CHILDREN,), min_probability=0.0),
        printed(home),
    )
    for sort in PhotoSort:
        with subtests.test(sort.value):
            found = expected(home, photo_filter, sort, rows)
            assert counted(home, photo_filter, sort) == listed(home, photo_filter, sort) == found
            assert len(found) > 20
    down = PhotoSort.PROBABILITY_DOWN
    figure = PhotoFilter(figures=("Kim Jong Un",), min_probability=0.0)
    for asked in (PhotoFilter(labels=("indoor",)), figure):
        assert (
            counted(home, asked, down) == listed(home, asked, down) == expected(home, asked, down)
        )


def test_a_list_goes_on_behind_a_photo_that_is_gone(home):
    first = list_photos(home, ALL, limit=3)
    every = listed(home, ALL)
    with home.database.write() as session:
        session.delete(session.get(PhotoRow, first.photos[-1].row_id))
    rest = list_photos(home, ALL, limit=1000, start=first.next_cursor)
    assert [(one.row_id, one.page_id) for one in rest.photos] == every[3:]
    with pytest.raises(InvalidRequest, match="sorted otherwise"):
        list_photos(home, ALL, sort=PhotoSort.SIZE, limit=3, start=first.next_cursor)


SETTLED = {
    "children": PhotoFilter(subjects=(Subject.CHILDREN,)),
    "label:indoor": PhotoFilter(labels=("indoor",)),
    "focus_leader": PhotoFilter(focuses=(Focus.LEADER,)),
    "focus_neither": PhotoFilter(focuses=(Focus.NEITHER,)),
}
"""A filter for each measure."""


def test_what_people_have_settled_counts_before_the_machine(home):
    every = {photo for photo, _ in listed(home, ALL)}
    told, denied = {}, {}
    with home.database.write() as session:
        session.execute(delete(SettledAnswerRow))
    for measure, asked in SETTLED.items():
        seen = {photo for photo, _ in listed(home, asked)}
        denied[measure] = min(seen)
        told[measure] = min(every - seen - set(told.values()) - set(denied.values()))
    with home.database.write() as session:
        for shows, photos in ((True, told), (False, denied)):
            session.add_all(
                SettledAnswerRow(photo_id=photo, measure=measure, shows=shows)
                for measure, photo in photos.items()
            )
    rows = printed(home)
    for measure, asked in SETTLED.items():
        found = listed(home, asked)
        ids = {photo for photo, _ in found}
        assert told[measure] in ids
        assert denied[measure] not in ids
        assert counted(home, asked) == found == expected(home, asked, rows=rows)
    unsure = PhotoFilter(focuses=(Focus.UNSURE,))
    assert counted(home, unsure) == expected(home, unsure, rows=rows)
    assert denied["focus_leader"] in {photo for photo, _ in listed(home, unsure)}
    subjects, focuses = options(home, ALL, "subject"), options(home, ALL, "focus")
    assert subjects["children"] == len(listed(home, SETTLED["children"]))
    assert focuses["leader"] == len(listed(home, SETTLED["focus_leader"]))
    assert sum(focuses.values()) == len(listed(home, ALL))


def test_nothing_to_sort_by_is_said(home):
    for read in (listed, counted):
        with pytest.raises(InvalidRequest, match="choose a subject, a label or a figure"):
            read(home, ALL, PhotoSort.PROBABILITY)


def options(home, photo_filter, facet):
    return {one.value: one.count for one in count_facets(home, photo_filter).facets[facet]}


def test_options_that_take_a_place_count_what_they_would_select(home):
    asked = PhotoFilter(EditionScope("Minju Joson"), zone=Zone.FRONT, subjects=(Subject.PEOPLE,))
    for name, count in options(home, asked, "publication").items():
        assert count == len(listed(home, replace(asked, scope=EditionScope(name))))
    for zone, count in options(home, asked, "zone").items():
        assert count == len(listed(home, replace(asked, zone=Zone(zone))))
    for page, count in options(home, asked, "page").items():
        assert count == len(listed(home, replace(asked, page=page)))
    for focus, count in options(home, asked, "focus").items():
        assert count == len(listed(home, replace(asked, focuses=(Focus(focus),))))
    for size, count in options(home, asked, "size").items():
        assert count == len(listed(home, replace(asked, size=SizeClass(size))))
    for told, count in options(home, asked, "reviewed").items():
        assert count == len(listed(home, replace(asked, reviewed=told)))


def test_options_that_are_added_count_what_they_leave(home):
    asked = PhotoFilter(zone=Zone.INSIDE, subjects=(Subject.PEOPLE,))
    found = options(home, asked, "subject")
    assert found["people"] == len(listed(home, asked))
    for subject, count in found.items():
        both = replace(asked, subjects=(Subject.PEOPLE, Subject(subject)))
        assert count == len(listed(home, both))
    for label, count in options(home, asked, "label").items():
        assert count == len(listed(home, replace(asked, labels=(label,))))
    for figure, count in options(home, asked, "figure").items():
        assert count == len(listed(home, replace(asked, figures=(figure,))))


def test_months_add_up_to_the_years(home):
    years, months = options(home, ALL, "year"), options(home, ALL, "month")
    for year, count in years.items():
        assert count == sum(n for month, n in months.items() if month.startswith(year))
    assert sum(years.values()) == len(listed(home, ALL))


def test_a_whole_month_is_chosen(home):
    month = next(iter(options(home, ALL, "month")))
    first = date.fromisoformat(f"{month}-01")
    last = (np.datetime64(month) + 1).astype("datetime64[D]").item()
    scope = EditionScope(first=first, last=date.fromordinal(last.toordinal() - 1))
    told = count_facets(home, PhotoFilter(scope)).facets["month"]
    assert [one.value for one in told if one.chosen] == [month]
    assert not any(one.chosen for one in count_facets(home, PhotoFilter(scope)).facets["year"])


def test_buckets_hold_the_selection_one_after_the_other(home):
    for sort in (PhotoSort.DATE, PhotoSort.DATE_DOWN, PhotoSort.SIZE_DOWN):
        told = list_buckets(home, ALL, sort)
        found = [
            (photo.id, photo.page)
            for bucket in told.buckets
            for photo in photos_of_bucket(home, ALL, sort, bucket.key).photos
        ]
        assert found == listed(home, ALL, sort)
        assert len({bucket.key for bucket in told.buckets}) == len(told.buckets)
        firsts = np.cumsum([0, *(bucket.count for bucket in told.buckets)])[:-1]
        assert [bucket.first for bucket in told.buckets] == firsts.tolist()
        assert all(len(bucket.aspects) == bucket.count for bucket in told.buckets)
        assert list_buckets(home, PhotoFilter(text="nowhere printed"), sort).buckets == ()


def test_a_bucket_that_is_not_there_is_not_found(home):
    with pytest.raises(NotFound, match="read the list of buckets again"):
        photos_of_bucket(home, ALL, PhotoSort.DATE, "1900-01")


def test_shapes_are_told_to_a_hundredth():
    shapes = np.array([0.2, 0.75, 1.0, 1.5, 4.0], np.float32)
    told = 2.0 ** ((np.frombuffer(aspect_bytes(shapes), np.uint8).astype(float) - MIDDLE) / STEPS)
    assert np.abs(told / shapes - 1).max() < 0.011


def test_an_index_is_read_again_when_something_has_changed(home):
    before = photo_index(home)
    assert photo_index(home) is before
    with home.database.write() as session:
        ids = session.scalars(select(InterpretationRow.photo_id).limit(2)).all()
        changed = InterpretationRow.photo_id.in_(ids)
        session.execute(update(InterpretationRow).where(changed).values(verdict=Focus.FACILITY))
        session.execute(update(RevisionRow).values(number=RevisionRow.number + 1))
    after = photo_index(home)
    assert after is not before
    assert counted(home, FILTERS["focus"]) == expected(home, FILTERS["focus"])


def test_a_file_holds_the_columns_and_counts_are_made_once_a_revision(home, monkeypatch):
    monkeypatch.setattr(mapped, "LEAST_BYTES", 0)
    index = photo_index(home)
    arrays = [value for name in index.columns.__slots__
              if isinstance(value := getattr(index.columns, name), np.ndarray)]  # fmt: skip
    arrays += [index.probability("children"), *index._stored.columns.values()]
    assert len(arrays) > 17
    assert all(isinstance(one.base, mmap) for one in arrays)
    assert count_facets(home, ALL) is count_facets(home, ALL)


def test_photos_that_go_and_come_are_noticed(home):
    photo_index(home).probability("children")
    with home.database.write() as session:
        gone = session.scalars(select(PhotoRow).order_by(PhotoRow.id).limit(1)).one()
        session.delete(gone)
        session.execute(update(RevisionRow).values(number=RevisionRow.number + 1))
    found = counted(home, ALL)
    assert found == expected(home, ALL)
    assert gone.id not in {photo for photo, _ in found}


@pytest.mark.both_databases
def test_superseded_uploads_are_left_out(home):
    with home.database.write() as session:
        first, second = session.scalars(
            select(EditionRow).join(EditionRow.publication)
            .where(EditionRow.pages.any(PageRow.scan_id.is_not(None)))
            .order_by(EditionRow.publication_id, EditionRow.id).limit(2)
        ).all()  # fmt: skip
        second.edition_date = first.edition_date
        ids = first.id, second.id
        session.execute(update(RevisionRow).values(number=RevisionRow.number + 1))
    every, usual = listed(home, PhotoFilter(superseded=True)), listed(home, ALL)
    assert expected(home, ALL) == usual
    assert expected(home, PhotoFilter(superseded=True)) == every
    assert len(usual) < len(every)
    asked = [PhotoFilter(EditionScope(edition=one)) for one in ids]
    assert all(counted(home, one) == listed(home, one) != [] for one in asked)
