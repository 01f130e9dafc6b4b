"""A model's answers stand beside people's, and change no number of theirs or the machine's."""

import csv
import json
from datetime import date

import numpy as np
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from presslens.app.api.reviews import LARGEST_FILE, MOST_LINES
from presslens.app.db.model_answers import ModelAnswerRow
from presslens.app.db.queries import ANY_EDITION
from presslens.app.db.reviews import ReviewAnswerRow, ReviewRow, SettledAnswerRow
from presslens.app.db.samples import SampledPhotoRow
from presslens.app.db.statistics import EditionMeasureRow, EditionShareRow, EditionSummaryRow
from presslens.app.db.tables import PhotoRow, SubjectReadingRow
from presslens.app.main import create_app
from presslens.app.platform.errors import InvalidRequest, NotFound
from presslens.app.services.corrections.page_reviews import NewPageReview, review_page
from presslens.app.services.figures.erasure import remove_figure
from presslens.app.services.figures.figures import add_figure
from presslens.app.services.reviews.agreement import reliability
from presslens.app.services.reviews.csv_import import import_reviews
from presslens.app.services.reviews.draws import SampleOrder, draw_sample
from presslens.app.services.reviews.model_answers import (
    list_models,
    model_agreement,
    remove_model,
    take_answers,
)
from presslens.app.services.reviews.model_estimates import estimate_with_model, score
from presslens.app.services.reviews.model_prompts import prompt, write_prompts
from presslens.app.services.reviews.reviews import NewReview, review_photo
from presslens.app.services.reviews.sampling_frame import Question
from presslens.app.services.samples.samples import find_items
from presslens.app.services.shares.selection import EditionCriteria
from presslens.app.services.statistics.photo_rows import COLUMNS, photo_rows
from presslens.models.vocabulary import Subject
from presslens.pipelines.statistics.metrics import Metric
from presslens.pipelines.statistics.plain_table import estimate

from ...first_states import made_once

BLOCKS = [(20 + 56 * x, 20 + 60 * y, 70 + 56 * x, 74 + 60 * y) for y in range(5) for x in range(5)]
MODEL = "seer@1"
CROWD = Metric.parse("crowd")


def truth(photo):
    """Whether a photo shows a crowd, as people say."""
    return photo % 3 == 0


@pytest.fixture
@made_once
def photos(home, worker, put, make, now):
    """Fifty photos of two editions; people have answered for twenty of a sample, and one beside."""
    put({"a.png": make(BLOCKS)})
    put({"b.png": make(BLOCKS, tint=9)}, day=date(2019, 12, 17))
    worker.drain()
    with home.database.write() as session:
        ids = list(session.scalars(select(PhotoRow.id).order_by(PhotoRow.id)))
        for i, photo in enumerate(ids):
            mine = SubjectReadingRow.photo_id == photo, SubjectReadingRow.subject == Subject.CROWD
            session.execute(update(SubjectReadingRow).where(*mine).values(probability=i / 60))
    sample = draw_sample(home, SampleOrder(Question(("crowd",)), 20, seed=1), now=now)
    for item in find_items(home, sample.name)[1]:
        say(home, item.photo_id, now)
    drawn = {item.photo_id for item in find_items(home, sample.name)[1]}
    say(home, next(photo for photo in ids if photo not in drawn), now)
    worker.drain()
    return ids


def say(home, photo, now, coder="A"):
    review_photo(home, NewReview(photo, coder, {"crowd": truth(photo)}), now=now)


def lines(photos, shows, **more):
    """A model's answers about crowds, as JSON lines."""
    words = {True: "yes", False: "no", None: "?"}
    rows = ({"photo": i, "question": "crowd", "answer": words[shows(i)], **more} for i in photos)
    return [json.dumps(row) for row in rows]


@pytest.fixture
def take(home, now):
    def answers(rows, model=MODEL, as_json=True):
        return take_answers(home, model, rows, as_json=as_json, now=now)

    return answers


NUMBERS = [
    *(f"/api/v1/stats?metric={name}" for name in ("crowd", "people", "photos", "crowd@front")),
    "/api/v1/stats?metric=crowd&by=month", "/api/v1/stats?metric=crowd&inference=practice",
    "/api/v1/stats/photos.csv?metric=crowd", "/api/v1/stats/multiverse?metric=crowd",
    "/api/v1/baseline?metric=crowd", "/api/v1/editions/1/composition",
    "/api/v1/photos?subject=crowd", "/api/v1/photos/1", "/api/v1/photos/facets",
    "/api/v1/samples", "/api/v1/reviews/agreement", "/api/v1/reviews/disagreements",
    "/api/v1/reviews.csv", "/timeline", "/editions/1",
]  # fmt: skip
"""Addresses of what is said of people's answers and the machine's."""

STORED = (
    ReviewRow, ReviewAnswerRow, SettledAnswerRow, SampledPhotoRow, EditionSummaryRow,
    EditionMeasureRow, EditionShareRow, SubjectReadingRow,
)  # fmt: skip


def numbers(home):
    """Return all that is said and stored of people's answers and of the machine's."""
    said = {}
    with TestClient(create_app(home.settings), base_url="http://localhost") as client:
        for address in NUMBERS:
            answer = client.get(address)
            said[address] = answer.status_code, _stable(answer.text)
    with home.database.read() as session:
        for row in STORED:
            table = row.__table__
            query = select(*table.columns).order_by(*table.primary_key)
            said[row.__tablename__] = [repr(tuple(one)) for one in session.execute(query)]
    said["reliability"] = reliability(home, ANY_EDITION).to_json()
    said["estimate"] = estimate(columns(home), "crowd", by="month").to_json()
    return said


def _stable(text):
    return "\n".join(line for line in text.splitlines() if "nonce" not in line)


def columns(home):
    rows = list(photo_rows(home, CROWD, EditionCriteria()))
    return {name: np.array([row[name] for row in rows], object) for name in COLUMNS}


def test_no_number_changes_by_a_model_s_answers(home, photos, take, worker):
    before = numbers(home)
    assert sum(code == 200 for code, _ in (before[one] for one in NUMBERS)) > len(NUMBERS) - 3
    take(lines(photos, lambda photo: not truth(photo), confidence=1.0, reason="I see it"))
    take(lines(photos, lambda _: None), "other@2")
    focus = [{"photo": i, "question": "focus", "answer": "leader"} for i in photos]
    take([json.dumps(row) for row in focus])
    worker.drain()
    assert numbers(home) == before
    assert {one.coder: one.photos["crowd"] for one in list_models(home)} == {
        "model:seer@1": 50, "model:other@2": 50,
    }  # fmt: skip
    assert remove_model(home, MODEL) == 50 * 4
    with pytest.raises(NotFound):
        remove_model(home, MODEL)
    assert numbers(home) == before


def test_no_model_answers_as_people_do(home, photos, now):
    for coder in ("model:seer@1", " Model:seer"):
        with pytest.raises(InvalidRequest, match="names a model"):
            say(home, photos[0], now, coder)
        with pytest.raises(InvalidRequest, match="names a model"):
            import_reviews(
                home, ["photo,coder,measure,answer", f"{photos[0]},{coder},crowd,yes"], now=now
            )
    with pytest.raises(InvalidRequest, match="names a model"):
        review_page(home, NewPageReview(1, "model:seer@1", checked=True), now=now)


def test_a_table_or_json_lines_are_taken_once_or_not_at_all(home, photos, take):
    rows = ["photo,question,answer,confidence,reason",
            f'{photos[0]},crowd,yes,0.8,"a hall, full"', f"{photos[1]},crowd,?,,"]  # fmt: skip
    first = take(rows, as_json=False)
    assert (first.coder, first.photos, first.answers, first.repeated) == ("model:seer@1", 2, 2, 0)
    again = take(rows, "model:seer@1", as_json=False)
    assert (again.answers, again.repeated) == (0, 2)
    with home.database.read() as session:
        query = select(ModelAnswerRow).order_by(ModelAnswerRow.photo_id)
        yes, unsure = session.scalars(query)
        assert (yes.shows, yes.confidence, yes.reason) == (True, 0.8, "a hall, full")
        assert (unsure.shows, unsure.confidence, unsure.codebook) == (None, None, "1")
    wrong = [
        ([rows[0], f"{photos[0]},crowd,no,0.8,"], False, "line 2: .* said otherwise .* another"),
        ([rows[0], f"{photos[2]},crowd,maybe,,"], False, "'maybe' is no answer"),
        ([rows[0], f"{photos[2]},crowd,yes,2,"], False, "no confidence from 0 to 1"),
        ([rows[0], f"{photos[2]},crowds,yes,,"], False, "no measure 'crowds'"),
        ([rows[0], f"{photos[2]},focus,yes,,"], False, "the answer to focus is one of"),
        ([rows[0], "99999,crowd,yes,,"], False, "no such photo"),
        ([rows[0], "-1,crowd,yes,,"], False, "no number of a photo"),
        ([rows[0], f"00000000001{9**40},crowd,yes,,"], False, "no number of a photo"),
        ([rows[0], f"{photos[2]},{'x' * 300},yes,,"], False, "no measure of 300 characters"),
        ([rows[0], f"{photos[2]},crowd,yes,,\0"], False, "no text"),
        (["photo,answer"], False, "no column question"),
        (["{", "{}"], True, "line 1 is no JSON"),
        (['{"photo": 1}'], True, "line 1: no object with photo, question, answer"),
        (['{"photo": 1, "question": "crowd", "answer": "yes", "confidence": NaN}'], True,
         "no confidence"),
        *((lines(photos[2:3], truth, **{key: value}), True, says) for key, value, says in (
            ("reason", "a \0", "no text"), ("reason", "\ud800", "no text"),
            ("reason", ["x"], "a list is no answer"), ("confidence", 10**400, "no confidence"))),
    ]  # fmt: skip
    for table, as_json, says in wrong:
        good = lines(photos[4:5], truth) if as_json else []
        with pytest.raises(InvalidRequest, match=says):
            take([*good, *table] if as_json and "line 1" not in says else table, as_json=as_json)
    for name in ("seer", "seer@", "se er@1", "a:b@1", "@1"):
        with pytest.raises(InvalidRequest, match="write NAME@VERSION"):
            take([], name)
    assert [one.photos for one in list_models(home)] == [{"crowd": 2}]


def test_what_models_say_of_a_figure_goes_with_it(home, photos, take, now):
    figure = add_figure(home, "Kim", now=now)
    rows = [json.dumps({"photo": photos[0], "question": "figure:Kim", "answer": "yes"})]
    assert take(rows).answers == 1
    remove_figure(home, figure, now=now)
    assert list_models(home) == []


@pytest.mark.both_databases
def test_agreement_tells_drawn_photos_weighed_from_picked_ones(home, photos, take):
    drawn = {
        row["photo"]: 1 / row["inclusion_probability"]
        for row in photo_rows(home, CROWD, EditionCriteria())
        if row["inclusion_probability"] is not None
    }
    ((picked, shows),) = (
        (row["photo"], row["label"])
        for row in photo_rows(home, CROWD, EditionCriteria())
        if row["label"] is not None and row["inclusion_probability"] is None
    )
    assert len(set(drawn.values())) > 1  # the sample draws more where the machine is unsure
    unsure, wrong = next(i for i in drawn if not truth(i)), next(i for i in drawn if truth(i))

    def said(photo):
        return None if photo == unsure else truth(photo) != (photo in (wrong, picked))

    take(lines(photos, said))
    (one,) = model_agreement(home, "crowd")
    assert (one.drawn.n, one.drawn.cant_tell) == (len(drawn) - 1, 1)
    assert (one.picked.n, one.picked.cant_tell, one.picked.kappa_interval) == (1, 0, None)
    side = one.picked.sensitivity if shows else one.picked.specificity
    assert (side.n, side.right, side.share, side.interval) == (1, 0, 0.0, None)
    found, passed = one.drawn.sensitivity, one.drawn.specificity
    yes = {i: weight for i, weight in drawn.items() if truth(i)}
    assert (found.n, found.right) == (len(yes), len(yes) - 1)
    assert found.share == pytest.approx(1 - yes[wrong] / sum(yes.values()))
    assert found.interval[0] < found.share < found.interval[1] < 1
    assert (passed.share, passed.interval[1]) == (1.0, 1.0)
    assert 0.5 < one.drawn.kappa < one.drawn.kappa_interval[1]
    assert model_agreement(home, "people") == []


def test_a_drawn_sample_corrects_a_model(home, photos, take):
    for rows, says in (
        ([], "has not answered about crowd for 50 photos"),
        (lines(photos[:-1], truth), "for 1 photo of these"),
    ):
        take(rows)
        with pytest.raises(InvalidRequest, match=says):
            estimate_with_model(home, CROWD, EditionCriteria(), MODEL, by=None)
    take(lines(photos[-1:], truth))
    (group,) = estimate_with_model(home, CROWD, EditionCriteria(), MODEL, by=None).groups
    table = columns(home)
    table["probability"] = np.array([score(truth(i), None) for i in table["photo"]], object)
    (same,) = estimate(table, "another", rules=home.recipe.aggregate).groups
    assert (group.value, group.low, group.high) == (same.value, same.low, same.high)
    assert (group.drawn, group.picked) == (20, 1)
    share = sum(map(truth, photos)) / len(photos)
    assert group.low <= share <= group.high
    # A model that is always wrong is corrected as well: people's answers decide.
    take(lines(photos, lambda photo: not truth(photo)), "liar@1")
    (lied,) = estimate_with_model(home, CROWD, EditionCriteria(), "liar@1", by=None).groups
    assert lied.low <= share <= lied.high
    take([json.dumps({"photo": i, "question": "children", "answer": "no"}) for i in photos])
    children = Metric.parse("children")
    with pytest.raises(InvalidRequest, match="10 are needed"):
        estimate_with_model(home, children, EditionCriteria(), MODEL, by=None)


def test_prompts_are_the_codebook_s_and_answers_to_them_are_taken(home, photos, take, tmp_path):
    for question, words in {
        "crowd": "dense crowd of 30 or more people? Audiences",
        "focus": '"leader" or "facility" or "neither" or "unsure"',
        "label:plant_interior": "Does this fit the photo: plant interior?",
        "leader": "The leader: Kim.",
    }.items():
        assert words in prompt(question, ["Kim"])
    folder = tmp_path / "asked"
    written = write_prompts(home, folder, ["crowd", "focus_leader"], ANY_EDITION)
    assert (written.questions, written.photos, written.items) == (("crowd", "focus"), 50, 100)
    assert json.loads((folder / "prompts.json").read_text()).keys() == {"crowd", "focus"}
    items = [json.loads(line) for line in (folder / "items.jsonl").read_text().splitlines()]
    assert all((folder / item["picture"]).read_bytes()[:2] == b"\xff\xd8" for item in items)
    scripted = [json.dumps({**i, "answer": "neither" if i["question"] == "focus" else "no"})
                for i in items]  # fmt: skip
    assert take(scripted).answers == 50 * 4
    few = write_prompts(home, tmp_path / "few", ["crowd"], ANY_EDITION, sample="crowd-1")
    assert few.photos == 20
    with pytest.raises(InvalidRequest, match="can't be made"):
        write_prompts(home, folder, ["crowd"], ANY_EDITION)
    with pytest.raises(InvalidRequest, match="no measure"):
        write_prompts(home, tmp_path / "other", ["crowds"], ANY_EDITION)


@pytest.mark.both_databases
def test_the_api_takes_the_same_answers_in_and_refuses_hostile_files(home, photos, client):
    def send(content, **fields):
        files = {"file": ("answers", content.encode() if isinstance(content, str) else content)}
        address = "/api/v1/reviews/model-answers"
        return client.post(address, data={"model": MODEL, **fields}, files=files)

    rows = "\n".join(lines(photos[:3], truth))
    taken = send("\ufeff" + rows).json()
    assert taken == {"coder": "model:seer@1", "photos": 3, "answers": 3, "repeated": 0}
    table = f'photo,question,answer,reason\n{photos[3]},crowd,?,"a\nb"\n'
    assert send(table, format="csv").json()["answers"] == 1
    assert send(rows).json()["repeated"] == 3
    other = lines(photos[4:5], truth)[0]
    for content, fields, status, says in (
        (lines(photos[:1], lambda photo: not truth(photo))[0], {}, 422, "another version"),
        (other, {"model": "seer"}, 422, "write NAME@VERSION"),
        (other, {"format": "xml"}, 422, "'jsonl' or 'csv'"),
        (other.encode("utf-16"), {}, 422, "line 1"),
        (b"photo,question\xff", {"format": "csv"}, 422, "line 1"),
        ("[" * 100_000, {}, 422, "line 1 is no JSON"),
        (lines(photos[4:5], truth, reason="\0")[0], {}, 422, "no text"),
        ("\n" * MOST_LINES + other, {}, 422, "at most 5000 answers"),
        ("x" * (LARGEST_FILE + 1), {}, 413, "too large"),
    ):
        answer = send(content, **fields)
        assert answer.status_code == status, answer.text
        assert says in answer.text.lower() or says in answer.text
    assert [one.photos for one in list_models(home)] == [{"crowd": 4}]


def test_the_answers_are_shown_and_exported_as_a_model_s(home, photos, take, client):
    take(lines(photos[:2], truth, reason="=1+1"))
    first, other = (client.get(f"/photos/{photo}").text for photo in (photos[0], photos[2]))
    for words in ("What models say", "model:seer@1", "=1+1"):
        assert words in first
        assert words not in other
    (answer,) = client.get(f"/api/v1/photos/{photos[0]}/model-answers").json()["answers"]
    assert (answer["coder"], answer["measure"]) == ("model:seer@1", "crowd")
    table = client.get("/api/v1/exports/csv?table=model_answers").text
    rows = list(csv.DictReader(table.splitlines()))
    assert [(row["coder"], row["shows"]) for row in rows] == [
        ("model:seer@1", str(truth(photo)).lower()) for photo in photos[:2]
    ]
