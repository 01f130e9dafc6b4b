"""A researcher's own labels: learnt whole or not at all, and read in all photos without pixels."""

import shutil
from datetime import timedelta

import numpy as np
import pytest
from PIL import Image as Pillow
from sqlalchemy import func, select, update

from presslens.app.db.columns import JobKind
from presslens.app.db.tables import (
    InterpretationRow,
    LabelExampleRow,
    LabelReadingRow,
    LabelRow,
    LeaseRow,
)
from presslens.app.platform import clock
from presslens.app.platform.errors import Conflict, InvalidRequest, NotFound
from presslens.app.services.analysis.jobs import GIVEN_UP, MOST_ATTEMPTS
from presslens.app.services.exports.canonical_dump import canonical_dump
from presslens.app.services.labels.label_set import label_set_version, load_label_set
from presslens.app.services.labels.labels import check_label, list_labels, remove_label
from presslens.app.services.labels.training import add_label, photo_reader, prepare
from presslens.models.labels.classifier import NO_LABELS
from presslens.models.labels.vocabulary import BUILT_IN


@pytest.fixture
def add(home, sandbox, swatches, now):
    """Return a function that adds a label of dark photos."""

    def learn(name="dark", folder=swatches):
        examples = prepare(home, name, folder)
        return add_label(home, name, examples, photo_reader(home, sandbox), now=now)

    return learn


def version(home):
    with home.database.read() as session:
        return label_set_version(session)


def readings(home, label):
    with home.database.read() as session:
        rows = session.scalars(
            select(LabelReadingRow.probability)
            .filter_by(label=label)
            .order_by(LabelReadingRow.photo_id)
        )
        return list(rows)


def count(home, table):
    with home.database.read() as session:
        return session.scalar(select(func.count()).select_from(table))


def test_a_label_is_kept_with_its_examples_and_figures(home, add):
    label = add()
    assert (label.name, label.built_in, label.used) == ("dark", False, True)
    assert (label.examples, label.positive) == (12, 6)
    assert label.figures.n == 12
    assert label.figures.ap == pytest.approx(1.0)
    assert label.figures.f1 == pytest.approx(1.0)
    assert list_labels(home).labels[-1] == label
    with home.database.read() as session:
        rows = session.scalars(select(LabelExampleRow)).all()
        assert {len(row.features) for row in rows} == {1280}
        assert all(home.storage.scan(row.sha256).is_file() for row in rows)
        (classifier,) = load_label_set(session, home.recipe.observation_id).classifiers
    assert classifier.probability(np.full(1280, 0.2, np.float32)) > 0.5
    assert classifier.probability(np.full(1280, 0.9, np.float32)) < 0.5


def test_photos_are_read_again_without_pixels(home, worker, engine, put, scans, add):
    put(scans)
    worker.drain()
    assert version(home) == NO_LABELS.version
    before = canonical_dump(home)
    looked = len(engine.runs)
    add()
    known = version(home)
    worker.drain()
    assert len(readings(home, "dark")) == len(readings(home, "indoor")) == 3
    assert all(0 < p < 1 for p in readings(home, "dark"))
    with home.database.read() as session:
        assert set(session.scalars(select(InterpretationRow.label_set))) == {known}
    remove_label(home, "dark")
    worker.drain()
    assert readings(home, "dark") == []
    assert len(readings(home, "indoor")) == 3
    assert version(home) == NO_LABELS.version != known
    assert len(engine.runs) == looked
    assert count(home, LabelExampleRow) == 0
    after = canonical_dump(home)
    assert [x for x in after.splitlines() if "label_set" in x] == [
        x for x in before.splitlines() if "label_set" in x
    ]


def test_the_same_examples_are_the_same_label_set(home, add):
    add()
    first = version(home)
    remove_label(home, "dark")
    add()
    assert version(home) == first
    remove_label(home, "dark")
    add("gloomy")
    assert version(home) != first


@pytest.mark.parametrize("name", ["Dark", "two words", "crowd", "indoor", ""])
def test_a_name_that_can_not_be_given(home, add, name):
    with pytest.raises(InvalidRequest, match=r"lowercase|is a subject|is a built-in label"):
        add(name)
    assert count(home, LabelRow) == 0


def test_a_name_that_is_taken(home, add):
    add()
    with pytest.raises(Conflict, match="dark already"):
        add()
    assert count(home, LabelExampleRow) == 12


def unreadable(folder):
    (folder / "yes" / "x.jpg").write_bytes(b"\xff\xd8\xff no picture")
    (folder / "no" / "note.jpg").write_text("no picture")


def same_bytes(folder):
    shutil.copy(folder / "yes" / "0.png", folder / "no" / "copy.png")


def few(folder):
    for i in (0, 1):
        (folder / "yes" / f"{i}.png").unlink()
    shutil.copy(folder / "yes" / "2.png", folder / "yes" / "again.png")


def one_side(folder):
    shutil.rmtree(folder / "no")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (unreadable, ["yes/x.jpg: ", "(corrupt)", "no/note.jpg: ", "(unknown_format)"]),
        (same_bytes, ["yes/0.png and no/copy.png are the same photo"]),
        (few, ["yes/ holds 4 different photos; 5 are needed"]),
        (one_side, ["swatches/no is not there"]),
    ],
)
def test_examples_that_can_not_be_used_are_named_and_nothing_is_kept(
    home, add, swatches, spoil, said
):
    spoil(swatches)
    with pytest.raises(InvalidRequest) as caught:
        add()
    assert [part for part in said if part not in str(caught.value)] == []
    assert count(home, LabelRow) == count(home, LabelExampleRow) == 0
    assert list(home.storage.scans()) == []


def test_a_file_that_changes_while_it_is_read(home, sandbox, swatches, now):
    examples = prepare(home, "dark", swatches)

    def change(done, of, name):
        if done == of:
            Pillow.new("RGB", (9, 9)).save(swatches / "yes" / "0.png")

    reader = photo_reader(home, sandbox)
    with pytest.raises(Conflict, match=r"yes/0\.png has changed"):
        add_label(home, "dark", examples, reader, now=now, progress=change)
    assert count(home, LabelRow) == 0


def test_only_what_was_added_can_be_removed(home):
    with pytest.raises(NotFound):
        remove_label(home, "dark")
    with pytest.raises(InvalidRequest, match="built-in"):
        remove_label(home, "indoor")


def test_labels_that_photos_are_not_read_for_are_refused(home, add):
    add()
    check_label(home, "dark")
    with pytest.raises(InvalidRequest, match=r"indor.*indoor.*dark"):
        check_label(home, "indor")


def test_built_in_labels_are_listed_with_their_figures(home):
    labels = list_labels(home).labels
    assert [label.name for label in labels] == list(BUILT_IN)
    assert all(label.built_in and label.examples > label.positive for label in labels)
    assert all(label.used == (label.reason is None) for label in labels)
    assert all(label.figures for label in labels if label.used)


@pytest.fixture
def outdated(home, add):
    """A label that was learnt under another recipe."""
    add()
    with home.database.write() as session:
        zero = np.zeros(1280, np.float32)
        session.execute(update(LabelRow).values(observation_id="old", coefficients=zero))
        session.execute(update(LabelExampleRow).values(features=zero))


def test_under_a_new_recipe_a_label_is_learnt_again(home, worker, put, scans, outdated):
    assert not list_labels(home).labels[-1].used
    with home.database.read() as session:
        assert load_label_set(session, home.recipe.observation_id) is None
    put(scans)
    worker.drain()
    assert list_labels(home).labels[-1].used
    assert len(readings(home, "dark")) == 3
    with home.database.read() as session:
        assert all(row.features.any() for row in session.scalars(select(LabelExampleRow)))
    assert not worker.round()


def test_a_label_that_is_given_up_says_so_and_holds_up_nothing(home, worker, put, scans, outdated):
    with home.database.write() as session:
        lease = LeaseRow(
            kind=JobKind.RELEARN,
            key=1,
            version=home.recipe.observation_id,
            owner="gone/1/x",
            until_at=clock.now() - timedelta(days=1),
            attempts=MOST_ATTEMPTS,
        )
        session.add(lease)
    put(scans)
    worker.drain()
    label = list_labels(home).labels[-1]
    assert (label.used, label.figures, label.reason) == (False, None, str(GIVEN_UP))
    assert len(readings(home, "indoor")) == 3


def test_a_label_whose_examples_are_gone_says_so_and_holds_up_nothing(
    home, worker, put, scans, outdated
):
    with home.database.read() as session:
        gone = session.scalars(select(LabelExampleRow.sha256)).first()
    home.storage.scan(gone).unlink()
    assert worker.turn(JobKind.RELEARN)
    assert not worker.turn(JobKind.RELEARN)
    label = list_labels(home).labels[-1]
    assert (label.used, label.figures) == (False, None)
    assert "missing" in label.reason
    assert version(home) == NO_LABELS.version
    put(scans)
    worker.drain()
    assert readings(home, "dark") == []
    assert len(readings(home, "indoor")) == 3
