import errno
import importlib
import os
import pickle
import signal
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from presslens.models.errors import ModelMismatch, ModelUnavailable
from presslens.models.recipe import Recipe
from presslens.models.registry import Manifest, Registry, WeightFile, sha256_of
from presslens.pipelines import task as task_module
from presslens.pipelines.engine import open_engine
from presslens.pipelines.failure import Failure, FailureCategory
from presslens.pipelines.scans.answer import AnswerInvalid, write
from presslens.pipelines.scans.scan import RejectReason
from presslens.pipelines.stages import Stage
from presslens.pipelines.task import PageTask, outcome, result_form

PHOTOS = [(20, 30, 180, 150), (20, 200, 380, 500)]

both = pytest.mark.parametrize("kind", ["inline", "pool"])


@pytest.fixture(scope="module")
def engines(scripted_recipe, registry):
    """An engine in this process, and one with a process of its own that finds faulty_path."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(__file__).parent)
        with (
            open_engine(scripted_recipe, registry, processes=0) as inline,
            open_engine(scripted_recipe, registry, processes=1) as pool,
        ):
            yield {"inline": inline, "pool": pool}


@pytest.fixture
def scan(tmp_path, draw_page):
    path = tmp_path / "page.png"
    page = draw_page(*PHOTOS, persons=[(60, 60, 80, 110)], faces=[(64, 62, 76, 80)])
    Pillow.fromarray(page).save(path)
    return path


def page_task(key, path, frame, name, **options):
    sha256 = sha256_of(path) if path.is_file() else "0" * 64
    return PageTask(key, path, sha256, frame, name, **options)


def results(engine, tasks):
    """Run all tasks, and see that each has one result of one kind."""
    found = list(engine.run(tasks))
    assert sorted(r.key for r in found) == sorted(task.key for task in tasks)
    for r in found:
        assert [r.observation, r.rejection, r.failure].count(None) == 2
    return {r.key: r for r in found}


def crashed(code):
    message = f"the process ended with code {code}"
    return Failure(FailureCategory.CRASHED, None, retryable=True, message=message)


def boxes(result):
    assert result.observation is not None, (result.rejection, result.failure)
    return [photo.frame.box.pixels() for photo in result.observation.photos]


def flat(seen):
    """Everything in an observation, for comparing."""
    rows = [seen.width, seen.height]
    for photo in seen.photos:
        rows += [photo.frame, photo.detections, photo.features.tolist()]
        for face in photo.faces:
            vector = None if face.embedding is None else face.embedding.tolist()
            rows += [face.box, face.landmarks, face.child, vector]
    return rows


def test_inline_and_pool_give_the_same_results(engines, scan, tmp_path, draw_page):
    frames = [Pillow.fromarray(draw_page(box)) for box in PHOTOS]
    tiff = tmp_path / "two.tiff"
    frames[0].save(tiff, save_all=True, append_images=frames[1:])
    seen = {}
    views = {}
    for kind, engine in engines.items():
        view = tmp_path / kind / "view.jpg"
        tasks = [
            page_task("page", scan, 0, "page.png", view=view),
            page_task("photo", scan, 0, "page.png", as_photo=True),
            page_task("first", tiff, 0, "two.tiff#1"),
            page_task("second", tiff, 1, "two.tiff#2"),
        ]
        found = results(engine, tasks)
        assert boxes(found["page"]) == PHOTOS
        assert boxes(found["photo"]) == [(0, 0, 400, 560)]
        assert boxes(found["first"]) == PHOTOS[:1]
        assert boxes(found["second"]) == PHOTOS[1:]
        seen[kind] = {key: flat(r.observation) for key, r in found.items()}
        views[kind] = view.read_bytes()
    assert seen["inline"] == seen["pool"]
    assert views["inline"] == views["pool"]


@both
def test_a_refused_page_does_not_stop_the_others(engines, scan, tmp_path, kind):
    text, empty = tmp_path / "text.jpg", tmp_path / "empty.jpg"
    text.write_text("this is no picture")
    empty.touch()
    tasks = [
        page_task("text", text, 0, "text.jpg", view=tmp_path / "view.jpg"),
        page_task("page", scan, 0, "page.png"),
        page_task("empty", empty, 0, "empty.jpg"),
        page_task("again", scan, 0, "page.png"),
    ]
    found = results(engines[kind], tasks)
    reasons = {key: r.rejection.reason for key, r in found.items() if r.rejection}
    assert reasons == {"text": RejectReason.UNKNOWN_FORMAT, "empty": RejectReason.EMPTY}
    assert boxes(found["page"]) == boxes(found["again"]) == PHOTOS
    assert not (tmp_path / "view.jpg").exists()


@both
def test_a_failing_page_does_not_stop_the_others_and_names_no_path(engines, scan, tmp_path, kind):
    obstacle = tmp_path / "obstacle"
    obstacle.touch()
    tasks = [
        page_task("blocked", scan, 0, "page.png", view=obstacle / "view.jpg"),
        page_task("gone", tmp_path / "gone.png", 0, "gone.png"),
        page_task("page", scan, 0, "page.png"),
    ]
    found = results(engines[kind], tasks)
    blocked, gone = found["blocked"].failure, found["gone"].failure
    assert blocked.message.startswith("FileExistsError: ")
    assert (blocked.category, blocked.phase) == (FailureCategory.UNWRITABLE, Stage.VIEW)
    assert gone == Failure(
        FailureCategory.UNREADABLE,
        Stage.DECODE,
        retryable=True,
        message="FileNotFoundError: No such file or directory",
    )
    assert str(tmp_path) not in str(blocked)
    assert boxes(found["page"]) == PHOTOS


def test_a_process_that_crashes_or_hangs_fails_its_page_and_is_replaced(
    engines, scan, tmp_path, monkeypatch
):
    monkeypatch.setattr(task_module, "PAGE_SECONDS", 5.0)
    monkeypatch.syspath_prepend(Path(__file__).parent)
    faulty = importlib.import_module("faulty_path")
    tasks = [
        page_task("crash", scan, 0, "page.png", view=faulty.CrashingPath(tmp_path / "view.jpg")),
        page_task("hang", scan, 0, "page.png", view=faulty.HangingPath(tmp_path / "view.jpg")),
        page_task("page", scan, 0, "page.png"),
    ]
    found = results(engines["pool"], tasks)
    assert found["crash"].failure == crashed(3)
    assert found["hang"].failure == Failure(
        FailureCategory.TIMED_OUT, None, retryable=True, message="gave no answer in 5 s"
    )
    assert boxes(found["page"]) == PHOTOS


def test_a_process_that_is_killed_fails_its_page_at_most_and_is_replaced(
    engines, scan, tmp_path, monkeypatch
):
    monkeypatch.syspath_prepend(Path(__file__).parent)
    faulty = importlib.import_module("faulty_path")
    killed = faulty.KillingPath(tmp_path / "view.jpg")
    found = results(
        engines["pool"],
        [page_task("killed", scan, 0, "page.png", view=killed), page_task("x", scan, 0, "x.png")],
    )
    assert found["killed"].failure == crashed(-9)
    assert boxes(found["x"]) == PHOTOS
    (process,) = engines["pool"]._processes
    os.kill(process._child.pid, signal.SIGKILL)
    while process._child.is_alive:
        time.sleep(0.01)
    assert boxes(results(engines["pool"], [page_task("y", scan, 0, "y.png")])["y"]) == PHOTOS


def test_a_process_that_lies_about_a_page_fails_it_and_is_replaced(
    scripted_recipe, registry, scan, monkeypatch
):
    monkeypatch.syspath_prepend(Path(__file__).parent)
    hostile = importlib.import_module("hostile_observer")
    monkeypatch.setattr("presslens.pipelines.pool.observe_page", hostile.observe_and_lie)
    keys = ["honest", "code", "two of them", "honest too"]
    with open_engine(scripted_recipe, registry, processes=1) as engine:
        found = results(engine, [page_task(key, scan, 0, "page.png") for key in keys])
    assert boxes(found["honest"]) == boxes(found["honest too"]) == PHOTOS
    for key in ("code", "two of them"):
        failure = found[key].failure
        assert failure is not None, key
        assert failure.category is FailureCategory.CRASHED
        assert failure.message.startswith("it gave an answer that can't be: ")
    assert not scan.with_name("ran").exists()


def test_no_lie_about_a_page_has_the_form_of_a_result(engines, scan, monkeypatch):
    monkeypatch.syspath_prepend(Path(__file__).parent)
    hostile = importlib.import_module("hostile_observer")
    task = page_task("page", scan, 0, "page.png")
    result = results(engines["inline"], [task])["page"]
    honest = result_form(task).read(*write(result))
    assert flat(honest.observation) == flat(result.observation)
    for name, lie in hostile.LIES.items():
        with pytest.raises(AnswerInvalid):
            pytest.fail(f"{name}: {result_form(task).read(*write(lie(result)))}")


def test_a_process_of_the_pool_has_no_secret_variable(scripted_recipe, registry, scan, monkeypatch):
    monkeypatch.setenv("PRESSLENS_DATABASE_URL", "postgresql://reader:password@host/archive")
    monkeypatch.setenv("PGPASSWORD", "password")
    with open_engine(scripted_recipe, registry, processes=1) as engine:
        results(engine, [page_task("page", scan, 0, "page.png")])
        (process,) = engine._processes
        variables = Path(f"/proc/{process._child.pid}/environ").read_bytes()
    assert b"password" not in variables


def test_tasks_and_results_are_small(engines, tmp_path, draw_page):
    sizes = []
    for scale in (1, 4):
        pixels = draw_page(*PHOTOS).repeat(scale, 0).repeat(scale, 1)
        path = tmp_path / f"{scale}.png"
        Pillow.fromarray(pixels).save(path)
        task = page_task("page", path, 0, "page.png")
        (result,) = results(engines["pool"], [task]).values()
        sizes.append(len(pickle.dumps((task, result))))
    assert max(sizes) < 50_000
    assert sizes[1] < 2 * sizes[0]


@both
def test_no_tasks_have_no_results(engines, kind):
    assert list(engines[kind].run([])) == []


@both
def test_tasks_are_taken_as_they_are_needed(engines, scan, kind):
    taken = 0

    def tasks():
        nonlocal taken
        for taken in range(1, 9):
            yield page_task(str(taken), scan, 0, "page.png")

    given = 0
    for given, _ in enumerate(engines[kind].run(tasks()), start=1):
        assert taken <= given + 2
    assert given == 8


@pytest.mark.parametrize("processes", [0, 1])
@pytest.mark.parametrize(
    ("content", "error"), [(None, ModelUnavailable), (b"tampered", ModelMismatch)]
)
def test_a_weight_that_is_missing_or_wrong_is_raised_before_any_page(
    scripted_recipe, tmp_path, processes, content, error
):
    entry = WeightFile(name="net", file="net.onnx", sha256="0" * 64, licence="-", origin="-")
    registry = Registry(Manifest(weight=(entry,)), shipped=tmp_path, packages=tmp_path)
    if content is not None:
        (tmp_path / "net.onnx").write_bytes(content)
    rules = scripted_recipe.observe.model_copy(update={"weights": ("net",)})
    recipe = scripted_recipe.model_copy(update={"observe": rules})
    with (
        pytest.raises(error, match=r"net\.onnx"),
        open_engine(recipe, registry, processes=processes),
    ):
        pytest.fail("the engine was opened")


@pytest.mark.parametrize("at_once", [0, 1])
def test_a_weight_that_goes_missing_later_is_raised_and_is_no_page_s_outcome(
    scripted_recipe, scan, tmp_path, at_once
):
    registry = Registry(Manifest.load(), packages=tmp_path)
    rules = scripted_recipe.observe.model_copy(update={"instruments": "learned"})
    recipe = scripted_recipe.model_copy(update={"observe": rules})
    given = []
    with (
        open_engine(recipe, registry, processes=1, at_once=at_once) as engine,
        pytest.raises(ModelUnavailable, match="presslens models fetch"),
    ):
        given.extend(engine.run([page_task("page", scan, 0, "page.png")] * 3))
    assert given == []


@pytest.mark.weights
def test_the_learned_instruments_see_the_photos_of_a_page(registry, scan, tmp_path):
    with open_engine(Recipe.load(), registry, processes=0) as engine:
        (seen,) = results(engine, [page_task("photo", scan, 0, "x", as_photo=True)]).values()
    assert boxes(seen) == [(0, 0, 400, 560)]
    features = seen.observation.photos[0].features
    assert features.shape == (1280,)
    assert np.isfinite(features).all()


def test_a_process_that_loads_before_its_first_page_may_end_meanwhile(
    scripted_recipe, registry, scan
):
    with open_engine(scripted_recipe, registry, processes=2, at_once=1) as engine:
        loading, idle = engine._processes
        assert loading._child.is_alive
        assert idle._child is None
        os.kill(loading._child.pid, signal.SIGKILL)
        while loading._child.is_alive:
            time.sleep(0.01)
        found = results(engine, [page_task(key, scan, 0, "page.png") for key in "ab"])
        assert [boxes(one) for one in found.values()] == [PHOTOS, PHOTOS]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
def test_only_a_full_disk_is_no_failure_of_the_page(scan, number):
    def observe():
        raise OSError(number, "it can't be written")

    task = page_task("page", scan, 0, "page.png")
    if number == errno.EIO:
        assert str(outcome(task, observe).failure) == "OSError: it can't be written"
        return
    with pytest.raises(OSError, match="it can't be written"):
        outcome(task, observe)
