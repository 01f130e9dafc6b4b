"""No embedding leaves the database, and children have none."""

import base64
import io
import json
import re
import threading
import zipfile
from contextlib import nullcontext
from dataclasses import asdict, replace

import numpy as np
import pytest
import structlog
from sqlalchemy import select
from typer.testing import CliRunner

from presslens.app.cli import cli
from presslens.app.db.figures import ReferenceFaceRow
from presslens.app.db.tables import FaceRow, PhotoRow
from presslens.app.main import create_app
from presslens.app.platform import clock
from presslens.app.platform.logs import configure_logs
from presslens.app.services.exports.canonical_dump import canonical_dump
from presslens.app.services.figures.confirm import confirm_face
from presslens.app.services.figures.figures import list_figures
from presslens.app.web.report import stored_edition, write_report
from presslens.app.worker import open_worker
from presslens.models.faces.embedding import LENGTH
from presslens.models.observer import Observer
from presslens.models.scripted import scripted_instruments
from presslens.pipelines.engine import InlineEngine
from presslens.pipelines.page_observer import PageObserver

from .first_states import made_once

NUMBERS = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
LONGEST = 64
"""No list of as many numbers is anything but a vector."""


class LeftAreChildren:
    """Takes for children whoever's face is at the left of a photo or picture."""

    def persons(self, objects, boxes):
        return [0.0] * len(boxes)

    def faces(self, objects, boxes):
        return [0.9 if box.x0 in (10, 50) else 0.1 for box in boxes]


def test_faces_judged_to_be_children_have_no_embedding(home, sandbox, put, make, client):
    instruments = replace(scripted_instruments(), children=LeftAreChildren())
    observer = Observer(instruments, home.recipe)
    pdf_dpi = home.recipe.observe.pdf_dpi
    engine = InlineEngine(PageObserver(sandbox, lambda: observer, pdf_dpi=pdf_dpi))
    figure = client.post("/api/v1/figures", json={"name": "Kim"}).json()
    address = f"/api/v1/figures/{figure['id']}/references"
    client.post(address, files=[("files", ("a.png", make(faces=1)))])
    put({"a.png": make(faces=3)})
    with open_worker(home, threading.Event(), engine=lambda _: nullcontext(engine)) as worker:
        worker.drain()
    for table in (FaceRow, ReferenceFaceRow):
        with home.database.read() as session:
            rows = session.execute(select(table.child, table.embedding, table.sharpness)).all()
        assert 0.9 in {row.child for row in rows}
        for child, *known in rows:
            assert [value is None for value in known] == [child >= 0.5] * 2
    (reference,) = client.get("/api/v1/figures").json()["figures"][0]["references"]
    assert reference["reason"].startswith("child_or_unclear: ")


@pytest.fixture
@made_once
def archive(client, home, worker, upload, scans, make):
    """An archive with embeddings of faces in photos, of given and of confirmed references."""
    upload(scans)
    for tint, (name, role) in enumerate((("Kim", "leader"), ("Pak", "official"))):
        figure = client.post("/api/v1/figures", json={"name": name, "role": role}).json()
        uploads = [("files", ("a.png", make(faces=1, tint=tint)))]
        client.post(f"/api/v1/figures/{figure['id']}/references", files=uploads)
    worker.drain()
    with home.database.read() as session:
        photo = session.scalars(select(PhotoRow.id).join(FaceRow)).one()
    confirm_face(home, 1, photo, now=clock.now())
    worker.drain()
    with home.database.read() as session:
        vectors = [*session.scalars(select(FaceRow.embedding))]
        vectors += session.scalars(select(ReferenceFaceRow.embedding))
    held = [vector for vector in vectors if vector is not None]
    assert len(held) == 4
    return held


def leaks(content, vectors):
    """Return in what ways embeddings, or any vectors of numbers, stand in some content."""
    found = []
    for vector in vectors:
        for kind in ("<f4", "<f8"):
            raw = vector.astype(kind).tobytes()
            coded = base64.b64encode(raw)[:40], base64.urlsafe_b64encode(raw)[:40]
            forms = (raw[:64], raw[:64].hex().encode(), *coded)
            found += [f"{kind} bytes" for form in forms if form in content]
    text = content.decode("utf-8", "replace")
    numbers = {f"{float(n):.4f}" for n in NUMBERS.findall(text)}
    for vector in vectors:
        known = [f"{v:.4f}" for v in vector[:32].tolist()]
        found += ["numbers"] if sum(v in numbers for v in known) > 16 else []
    return found


def longest_list(value):
    """Return the length of the longest list of numbers anywhere in a document."""
    if isinstance(value, dict):
        return max((longest_list(inner) for inner in value.values()), default=0)
    if isinstance(value, list):
        inner = max((longest_list(item) for item in value), default=0)
        return max(inner, sum(isinstance(item, float) for item in value))
    return 0


@pytest.mark.parametrize(
    "form",
    [
        lambda v: json.dumps({"embedding": v.tolist()}).encode(),
        lambda v: ",".join(f"{x:.5f}" for x in v).encode(),
        lambda v: base64.b64encode(v.tobytes()),
        lambda v: b"junk" + v.tobytes() + b"junk",
        lambda v: v.astype("<f8").tobytes().hex().encode(),
    ],
)
def test_a_leak_would_be_noticed(form):
    vector = np.random.default_rng(5).normal(size=LENGTH).astype(np.float32)
    assert leaks(form(vector), [vector])


def addresses(client):
    """Return every address that can be read, with the first ids put in."""
    paths = create_app().openapi()["paths"]
    named = [path for path, verbs in paths.items() if "get" in verbs]
    assert len(named) > 15
    needed = {
        "/stats": "metric=people",
        "/stats/changes": "metric=people&publication=Rodong Sinmun",
        "/stats/compare": "a_to=2019-12-31&b_from=2020-01-01",
        "/baseline": "edition=1",
        "/reviews/next": "measure=people",
        "/samples/plan": "measure=people",
        "/stats/multiverse": "metric=people",
        "/stats/photos": "metric=people",
        "/stats/power": "metric=people",
        "/stats/trend": "metric=photos&publication=Rodong Sinmun",
        "/exports/annotations": "on=here",
        "/exports/iiif": "edition=1",
        "/exports/pdf": "edition=1",
        "/publications/1/merge": "from=2",
        "/publications/similar": "name=Rodong",
    }
    masthead = {"page": 1, "box": [0, 0, 200, 40]}
    assert client.post("/api/v1/publications", json={"name": "Another"}).is_success
    assert client.put("/api/v1/publications/1/masthead", json=masthead).is_success
    bucket = client.get("/api/v1/photos/buckets").json()["buckets"][0]["key"]
    first = {
        "/api/v1/photos/buckets/{key}": f"/api/v1/photos/buckets/{bucket}",
        "/api/v1/iiif/{identifier}/{region}/{size}/{rotation}/{file}": (
            "/api/v1/iiif/1/full/max/0/default.jpg"
        ),
    }
    paths = [first.get(path, re.sub(r"{\w+}", "1", path)) for path in named]
    # There is one recipe, nothing to compare; and no training.
    paths = [path for path in paths if not re.search("/recipes/compare|/trainings/", path)]
    asked = {path: needed.get(path.removeprefix("/api/v1").split(".")[0], "") for path in paths}
    return [f"{path}?{query}" if query else path for path, query in asked.items()]


def unpacked(answer):
    """Return what an answer holds; the files of a ZIP one after the other."""
    if answer.headers["content-type"] != "application/zip":
        return answer.content
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        return b"\n".join(archive.read(name) for name in archive.namelist())


@pytest.mark.sqlite_alone
def test_no_answer_carries_an_embedding(client, archive):
    photo = client.get("/api/v1/photos", params={"figure": "Kim"}).json()["photos"][0]["id"]
    asked = [*addresses(client), f"/api/v1/photos/{photo}", f"/api/v1/photos/{photo}/image"]
    for address in asked:
        answer = client.get(address)
        assert answer.status_code == 200, (address, answer.text)
        assert leaks(unpacked(answer), archive) == [], address
        kind = answer.headers["content-type"]
        lines = answer.text.splitlines() if "ndjson" in kind else [answer.text] * ("json" in kind)
        assert all(longest_list(json.loads(line)) < LONGEST for line in lines), address
    table = client.get("/api/v1/photos", headers={"accept": "text/csv"})
    assert table.headers["content-type"].startswith("text/csv")
    assert leaks(table.content, archive) == []


def test_no_answer_to_a_change_carries_one(client, archive):
    photo = client.get("/api/v1/photos", params={"figure": "Kim"}).json()["photos"][0]["id"]
    figure = "/api/v1/figures/1"
    answers = [
        client.patch(figure, json={"role": "heir"}),
        client.post(f"{figure}/references/from-photo", json={"photo_id": photo}),
        client.post("/api/v1/figures", json={"name": "Pak", "role": "official"}),
        client.delete(f"{figure}/references/1"),
        client.delete(figure),
    ]
    for answer in answers:
        assert answer.is_success
        assert leaks(answer.content, archive) == []


def test_neither_dump_nor_report_nor_list_carries_one(client, home, archive, tmp_path):
    dump = canonical_dump(home).encode()
    assert leaks(dump, archive) == []
    assert longest_list(json.loads(dump)) < LONGEST
    listed = json.dumps([asdict(figure) for figure in list_figures(home)])
    assert leaks(listed.encode(), archive) == []
    report = write_report(
        [stored_edition(home, 1)], tmp_path / "r", title="t", today=clock.now().date()
    )
    for file in report.parent.rglob("*.*"):
        if file.suffix in (".html", ".json", ".csv"):
            assert leaks(file.read_bytes(), archive) == [], file.name


@pytest.mark.sqlite_alone
@pytest.mark.parametrize("command", [["dump"], ["figures", "list"], ["figures", "list", "--json"]])
def test_no_command_writes_one(archive, settings, monkeypatch, command):
    for name in ("data_dir", "database_url", "recipe", "min_free_bytes"):
        monkeypatch.setenv(f"PRESSLENS_{name.upper()}", str(getattr(settings, name)))
    done = CliRunner().invoke(cli, command)
    assert done.exit_code == 0
    assert "Kim" in done.stdout
    assert leaks(done.stdout.encode(), archive) == []


def test_no_log_of_a_database_that_fails_carries_one(client, home, archive, capsys):
    photo = client.get("/api/v1/photos", params={"figure": "Kim"}).json()["photos"][0]["id"]
    figure = client.post("/api/v1/figures", json={"name": "Choe"}).json()["id"]
    with home.database.write() as session:
        session.connection().exec_driver_sql(
            "ALTER TABLE reference_face RENAME COLUMN sharpness TO gone"
        )
    configure_logs()
    address = f"/api/v1/figures/{figure}/references/from-photo"
    assert client.post(address, json={"photo_id": photo}).status_code == 500
    structlog.reset_defaults()
    logged = capsys.readouterr().err
    assert "INSERT INTO reference_face" in logged
    assert "[parameters: " not in logged
    starts = [repr(vector.tobytes()[:8])[2:-1] for vector in archive]
    assert not [start for start in starts if start in logged.replace("\\\\", "\\")]
