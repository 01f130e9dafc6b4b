"""The wide table of photos, beside the statistics that are made of the same."""

from datetime import date

import duckdb
import pandas
import pytest

from presslens.app.db.queries import EditionScope
from presslens.app.platform.errors import NotFound
from presslens.app.services.exports.table_writer import TableFormat
from presslens.app.services.reviews.draws import SampleOrder, draw_sample
from presslens.app.services.reviews.reviews import NewReview, review_photo
from presslens.app.services.reviews.sampling_frame import Question
from presslens.app.services.shares.selection import EditionCriteria
from presslens.app.services.statistics.by_group import statistic
from presslens.app.services.statistics.wide_photos import export_photo_table, wide_spec
from presslens.pipelines.statistics.metrics import Metric

from ...first_states import made_once

BLOCKS = [(20, 20 + 80 * i, 300, 90 + 80 * i) for i in range(5)]
NEXT = date(2019, 12, 17)


@pytest.fixture
def table(home, tmp_path):
    def read(kind=TableFormat.CSV, **options):
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        made = export_photo_table(home, EditionScope(), kind, folder, **options)
        if kind is TableFormat.PARQUET:
            return duckdb.read_parquet(str(made.path)).df()
        return pandas.read_csv(made.path)

    return read


@pytest.fixture
@made_once
def archive(home, worker, put, make, now):
    put({"a.png": make(BLOCKS)}, publication="=1+1")
    put({"a.png": make(BLOCKS, persons=2), "b.png": make(tint=9)}, publication="=1+1")
    put({"c.png": make(tint=5)}, day=NEXT)
    worker.drain()
    order = SampleOrder(Question(("people",), EditionScope(publication="=1+1")), 4, None)
    return draw_sample(home, order, now=now)


def test_a_row_is_a_photo_of_an_edition_that_counts(archive, table):
    photos = table()
    assert len(photos) == 5 + 1 + 1
    assert photos.counted.all()
    assert not photos.superseded.any()
    assert photos.publication.tolist() == ["'=1+1"] * 6 + ["Rodong Sinmun"]
    assert photos.date.tolist()[-1] == "2019-12-17"
    assert photos.front.tolist() == [True] * 5 + [False, True]
    assert set(photos.columns) >= {"p_people", "p_children", "p_label_indoor", "focus", "recipe"}
    # Nobody is enrolled: who is the leader was not looked for.
    assert not [name for name in photos.columns if "leader" in name and photos[name].notna().any()]
    everything = table(every=True)
    assert everything.superseded.sum() == 5
    assert not (everything.superseded & everything.counted).any()


def test_photos_of_incomplete_editions_are_counted_where_they_are_left_out(
    home, archive, put, make, worker, tmp_path
):
    put({"d.png": make(BLOCKS, tint=77)}, day=NEXT, publication="Herald", pages_expected=40)
    worker.drain()
    for every, notes in ((True, []), (False, ["5 photos of 1 edition"])):
        made = export_photo_table(home, EditionScope(), TableFormat.CSV, tmp_path, every=every)
        assert [str(note).partition(", of which")[0] for note in made.notes] == notes


def test_probabilities_are_those_of_statistics(home, archive, table):
    photos = table()
    for measure, column in (("people", "p_people"), ("label:indoor", "p_label_indoor")):
        share = statistic(home, Metric(measure), EditionCriteria()).groups[0].machine
        assert photos[column].mean() == pytest.approx(share, abs=1e-6)


def test_corrected_probabilities_have_the_mean_that_statistics_state(home, archive, table, now):
    every = table(every=True)
    assert every.corrected_people[every.superseded].isna().all()
    for shows in (None, True):
        if shows is not None:
            first = table().photo_id[0]
            review_photo(home, NewReview(int(first), "A", {"people": shows}), now=now)
        photos = table()
        for measure, column in (("people", "people"), ("label:indoor", "label_indoor")):
            for paper, own in photos.groupby("publication"):
                name = paper.removeprefix("'")
                (group,) = statistic(home, Metric(measure), EditionCriteria(name)).groups
                corrected = own[f"corrected_{column}"]
                assert corrected.mean() == pytest.approx(group.estimate.value, abs=1e-6)
                assert corrected.between(0, 1).all()
                assert (corrected != own[f"p_{column}"]).any()
    assert table().set_index("photo_id").corrected_people[first] == 1


def test_answers_and_chances_of_a_sample_stand_beside(home, archive, table, now):
    photos = table()
    assert photos.shows_people.isna().all()
    first = photos.photo_id[0]
    review_photo(home, NewReview(int(first), "A", {"people": True}), now=now)
    told = table().set_index("photo_id")
    assert told.shows_people[first] == 1
    drawn = told.dropna(subset="inclusion_people")
    assert (drawn.weight_people * drawn.inclusion_people == 1).all()


def test_files_hold_the_same_whatever_their_format(archive, table):
    plain, columnar = table(), table(kind=TableFormat.PARQUET)
    assert plain.columns.tolist() == columnar.columns.tolist()
    assert plain.p_people.tolist() == columnar.p_people.tolist()


def test_without_an_analysed_edition_there_is_no_table(home, put, make, table):
    put({"a.png": make()})
    with pytest.raises(NotFound, match="presslens editions"):
        table()


def test_no_two_columns_are_alike_whatever_figures_are_called():
    twins = [f"figure:{name}" for name in ("Narendra Modi", "narendra modi", "Narendra-Modi 2")]
    columns = ", ".join(f'"{column.name}" INTEGER' for column in wide_spec(twins, twins).columns)
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE photos ({columns})")
        assert {"p_figure_Narendra_Modi", "p_figure_narendra_modi_2"} <= {
            name for name, *_ in connection.execute("DESCRIBE photos").fetchall()
        }
