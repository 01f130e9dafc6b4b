"""Photos are counted in memory as they are listed by the database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from sqlalchemy import delete, select, update

from presslens.app.db.queries import EditionScope
from presslens.app.db.reviews import SettledAnswerRow
from presslens.app.db.revision import RevisionRow
from presslens.app.db.statistics import EditionMeasureRow, EditionSummaryRow
from presslens.app.db.tables import EditionRow, InterpretationRow, PageRow, PhotoRow
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
)
from presslens.app.services.catalogue.photo_index import photo_index
from presslens.app.services.catalogue.photos import iterate_photos
from presslens.lab.bench import specimens
from presslens.models.vocabulary import Answer, Facing, Focus, ShotSize, Subject
from presslens.pipelines.statistics.measure import Zone

ALL = PhotoFilter()
PAPERS = ("Minju Joson", "Rodong Sinmun")


@pytest.fixture
def home(home, settings, first_states):
    """Fill an installation with six generated editions of two newspapers."""
    first_states.begin(settings, filled, {"home": home})
    return home


def filled(home):
    specimens.fill(home, 6, photos=5, publications=PAPERS)
    with home.database.read() as session:
        editions = session.scalars(select(EditionRow.id)).all()
    for edition in editions[1:]:  # one is not added up yet
        summarise_edition(home, edition)
    with home.database.write() as session:
        session.execute(delete(EditionMeasureRow).filter_by(edition_id=editions[0]))
        session.execute(delete(EditionSummaryRow).filter_by(edition_id=editions[0]))


def listed(home, photo_filter, sort=PhotoSort.DATE):
    return [(photo.id, photo.page_id) for photo in iterate_photos(home, photo_filter, sort=sort)]


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


def test_a_filter_selects_in_memory_what_it_selects_in_the_database(home, subtests):
    sizes = {}
    for what, photo_filter in FILTERS.items():
        with subtests.test(what):
            found = listed(home, photo_filter)
            assert counted(home, photo_filter) == found
            sizes[what] = len(found)
    # They select something, and not everything.
    every = sizes.pop("all")
    assert every > 20
    assert sum(0 < size < every for size in sizes.values()) > 12


def test_orders_in_memory_are_those_of_the_database(home, subtests):
    photo_filter = PhotoFilter(subjects=(Subject.CHILDREN,), min_probability=0.0)
    for sort in PhotoSort:
        with subtests.test(sort.value):
            found = counted(home, photo_filter, sort)
            assert found == listed(home, photo_filter, sort)
            assert len(found) > 20
    down = PhotoSort.PROBABILITY_DOWN
    figure = PhotoFilter(figures=("Kim Jong Un",), min_probability=0.0)
    for asked in (PhotoFilter(labels=("indoor",)), figure):
        assert counted(home, asked, down) == listed(home, asked, down)


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
    for measure, asked in SETTLED.items():
        found = listed(home, asked)
        ids = {photo for photo, _ in found}
        assert told[measure] in ids
        assert denied[measure] not in ids
        assert counted(home, asked) == found
        for sort in (
            (PhotoSort.PROBABILITY, PhotoSort.PROBABILITY_DOWN) if asked.has_measure else ()
        ):
            assert counted(home, asked, sort) == listed(home, asked, sort)
    unsure = PhotoFilter(focuses=(Focus.UNSURE,))
    assert counted(home, unsure) == listed(home, unsure)
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
    assert counted(home, FILTERS["focus"]) == listed(home, FILTERS["focus"])


def test_photos_that_go_and_come_are_noticed(home):
    photo_index(home).probability("children")
    with home.database.write() as session:
        gone = session.scalars(select(PhotoRow).order_by(PhotoRow.id).limit(1)).one()
        session.delete(gone)
        session.execute(update(RevisionRow).values(number=RevisionRow.number + 1))
    found = counted(home, ALL)
    assert found == listed(home, ALL)
    assert gone.id not in {photo for photo, _ in found}


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
    assert counted(home, ALL) == usual
    assert counted(home, PhotoFilter(superseded=True)) == every
    assert len(usual) < len(every)
    asked = [PhotoFilter(EditionScope(edition=one)) for one in ids]
    assert all(counted(home, one) == listed(home, one) != [] for one in asked)
