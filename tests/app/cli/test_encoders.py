"""A user's image encoder is added, measured on people's answers, used, and given up again."""

import io
import threading
from datetime import timedelta

import pytest
from onnx import helper
from sqlalchemy import func, select

from presslens.app.db.tables import (
    InterpretationRow,
    PhotoEncodingRow,
    PhotoRow,
    ScanRow,
    SubjectReadingRow,
)
from presslens.app.installation import open_installation
from presslens.app.platform.settings import Settings
from presslens.app.services.ingest.upload import Incoming, ingest
from presslens.app.services.reviews.reviews import NewReview, review_photo
from presslens.app.worker import open_worker

from ...encoder_networks import CARD, MEANS, write_network
from ..conftest import DAY, NOW, RECIPE, make_page
from .conftest import document, invoke, printed, refusal

BLOCKS = [(20 + 100 * (i % 3), 20 + 80 * (i // 3), 110 + 100 * (i % 3), 90 + 80 * (i // 3))
          for i in range(6)]  # fmt: skip
EDITIONS = 6


def drain(more=()):
    """Have a real worker do all work; only its instruments are scripted. Return its recipe."""
    with open_installation(Settings()) as home:
        for day, files in more:
            named = [Incoming(name, io.BytesIO(data)) for name, data in files.items()]
            ingest(home, named, publication="Rodong Sinmun", edition_date=day, now=NOW)
        with open_worker(home, threading.Event()) as worker:
            worker.drain()
        return home.recipe


@pytest.fixture
def analysed(installed):
    """Editions of a page with six blue photos and one with six grey ones."""
    files = [(DAY + timedelta(i), {"blue.png": make_page(BLOCKS, tint=140 + i),
                                   "grey.png": make_page(BLOCKS, tint=i)})
             for i in range(EDITIONS)]  # fmt: skip
    drain(files)
    return installed


def answer(home, shows):
    """Say of each photo whether it shows buildings, by its page and its place there."""
    with home.database.read() as session:
        row = PhotoRow
        photos = session.execute(select(row.id, row.outcome_id, row.position)).all()
    for photo, page, place in photos:
        review_photo(home, NewReview(photo, "A", {"buildings": shows(page, place)}), now=NOW)


@pytest.fixture
def answered(analysed):
    """People have said that the blue photos show buildings."""
    answer(analysed, lambda page, _: page % 2 == 1)
    return analysed


@pytest.fixture
def network(tmp_path):
    """A network that sees colours and places, and its card."""
    (tmp_path / "card.toml").write_text(CARD)
    return write_network(tmp_path / "layout.onnx"), "--card", tmp_path / "card.toml"


def readings(home, recipe_id):
    with home.database.read() as session:
        row = SubjectReadingRow
        query = select(row.photo_id, row.probability).filter_by(
            recipe_id=recipe_id, subject="buildings"
        )
        return dict(session.execute(query).all())


def count(home, table, **columns):
    with home.database.read() as session:
        return session.scalar(select(func.count()).select_from(table).filter_by(**columns))


@pytest.mark.both_databases
def test_an_encoder_that_helps_becomes_part_of_the_recipe(answered, network, tmp_path):
    home = answered
    old = home.recipe
    before = readings(home, old.id)
    result = document("models", "add-encoder", *network)
    (buildings,) = result["measures"]
    assert (buildings["measure"], buildings["photos"], buildings["positive"]) == (
        "buildings",
        72,
        36,
    )
    assert buildings["used"]
    assert buildings["by_edition"]["groups"] == EDITIONS
    assert buildings["by_edition"]["both"]["auc"] == 1
    assert buildings["by_newspaper"] is None
    assert count(home, PhotoEncodingRow) == len(before)
    assert Settings().load_recipe().id == old.id  # nobody has said to use it
    drain()
    assert readings(home, old.id) == before

    assert "nothing changes" in printed("models", "use-encoder")
    used = document("models", "use-encoder", "layout")
    assert "nothing changes" in printed("models", "use-encoder", "layout")
    new = drain()
    assert used == {"encoder": "layout", "recipe": new.id}
    assert (new.id != old.id, new.observation_id) == (True, old.observation_id)
    after = readings(home, new.id)
    assert after.keys() == before.keys()
    assert after != before
    assert readings(home, old.id) == before
    # New pages are encoded when they are looked at.
    files = {"new.png": make_page(BLOCKS, tint=138)}
    drain([(DAY - timedelta(1), files)])
    assert len(readings(home, new.id)) == len(before) + 6 == count(home, PhotoEncodingRow)
    assert "buildings" in printed("recipes", "compare", old.id, new.id)
    # Its recipe is a file like any other.
    shown = document("recipes", "show", "--out", tmp_path / "with.toml")
    assert shown["changed_weights"] == []
    assert Settings(recipe=tmp_path / "with.toml").load_recipe().id == new.id
    assert Settings(recipe=RECIPE.with_name("scripted.toml")).load_recipe().id == new.id
    listed = {row["name"]: row for row in document("models", "list")}
    assert listed["encoder-layout"]["licence"] == "CC0-1.0"
    assert listed["encoder-layout"]["state"] == "ok"

    assert "is in use" in refusal("models", "remove-encoder", "layout")
    document("models", "use-encoder")
    assert Settings().load_recipe().id == old.id
    gone = document("models", "remove-encoder", "layout")
    assert gone == {"removed": "layout", "photos": len(before) + 6}
    assert count(home, PhotoEncodingRow) == 0
    assert not list((home.settings.data_dir / "encoders").glob("*.onnx"))
    assert "no encoder 'layout'" in refusal("models", "fit-encoder", "layout")


def test_an_encoder_that_sees_nothing_changes_nothing(analysed, network):
    answer(analysed, lambda page, place: (page // 2 + place) % 2 == 0)
    result = document("models", "add-encoder", *network, "--use")
    assert [one["used"] for one in result["measures"]] == [False], result
    assert result["readers"] is None
    assert Settings().load_recipe().id == analysed.recipe.id
    assert "nothing is to be done" in refusal("models", "use-encoder", "layout")
    assert "nothing is to be done" in invoke("models", "fit-encoder", "layout").output


def test_photos_that_can_t_be_read_any_more_have_our_readings(answered, network):
    home = answered
    before = readings(home, home.recipe.id)
    with home.database.read() as session:
        first = session.get_one(ScanRow, 1)
    home.storage.scan(first.sha256).unlink()
    for code in (0, 0, 0):  # three attempts
        invoke("models", "add-encoder", *network, "--use", code=code)
    with home.database.read() as session:
        vectors = session.scalars(select(PhotoEncodingRow.vector)).all()
    assert sorted({vector.size for vector in vectors}) == [0, 48]
    new = drain()
    after = readings(home, new.id)
    same = [photo for photo in before if before[photo] == after[photo]]
    assert len(same) == 6
    assert count(home, InterpretationRow, recipe_id=new.id) == len(before)


def test_what_can_t_be_used_is_said(installed, network, tmp_path):
    file, *rest = network
    assert "nobody has answered" in refusal("models", "add-encoder", file, *rest)
    write_network(file, [MEANS, helper.make_node("Abs", ["cells"], ["b"]),
                         helper.make_node("Flatten", ["b"], ["answer"])])  # fmt: skip
    assert "another encoder layout" in refusal("models", "add-encoder", file, *rest)
    stored = next((installed.settings.data_dir / "encoders").glob("*.onnx"))
    stored.write_bytes(b"altered")
    assert "sha256" in refusal("models", "fit-encoder", "layout")
    file.write_bytes(b"no network")
    assert "is no ONNX file" in refusal("models", "add-encoder", file, *rest)
    (tmp_path / "card.toml").write_text("name = 3")
    assert "licence" in refusal("models", "add-encoder", file, *rest)
