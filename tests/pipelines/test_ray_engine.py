"""The engine on a Ray cluster; one test for all, for the start of a cluster is dear."""

import importlib
import os
from pathlib import Path

import pytest
from PIL import Image as Pillow

from presslens.lab.soak.ray_nodes import RayNodes
from presslens.models.registry import sha256_of
from presslens.pipelines import ray_engine
from presslens.pipelines.analysis import Request, analyze
from presslens.pipelines.engine import OnRay, open_engine
from presslens.pipelines.failure import FailureCategory
from presslens.pipelines.ray_engine import RayMissing
from presslens.pipelines.ray_observer import AT_HAND
from presslens.pipelines.scans.scan import RejectReason
from presslens.pipelines.task import EngineLost, PageTask

PHOTOS = [(20, 30, 180, 150), (20, 200, 380, 500)]


@pytest.fixture
def nodes(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("RAY_AUTH_MODE", "token")
    monkeypatch.setenv("RAY_AUTH_TOKEN", "of-this-test-" + "0" * 32)
    monkeypatch.syspath_prepend(here := str(Path(__file__).parent))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([here, os.environ["PYTHONPATH"]]))
    with RayNodes.in_short_folder() as nodes:
        yield nodes


@pytest.fixture
def scan(tmp_path, draw_page):
    path = tmp_path / "page.png"
    page = draw_page(*PHOTOS, persons=[(60, 60, 80, 110)], faces=[(64, 62, 76, 80)])
    Pillow.fromarray(page).save(path)
    return path


def page_task(key, path, view=None):
    return PageTask(key, path, sha256_of(path), 0, path.name, view)


def results(engine, tasks):
    found = list(engine.run(tasks))
    assert sorted(r.key for r in found) == sorted(task.key for task in tasks)
    return {r.key: r for r in found}


@pytest.mark.long
def test_pages_are_observed_on_the_nodes_of_a_cluster(
    nodes, scripted_recipe, registry, scan, tmp_path, subtests
):
    empty = tmp_path / "empty.jpg"
    empty.touch()
    on_ray = OnRay(nodes.address)
    with (
        open_engine(scripted_recipe, registry, processes=0) as inline,
        open_engine(scripted_recipe, registry, processes=0, on_ray=on_ray) as engine,
    ):
        assert list(engine.run([])) == []
        nodes.start_node()  # it joins while pages wait for it
        with subtests.test(msg="the same results and views as in this process"):
            seen = {}
            for name, one in (("inline", inline), ("ray", engine)):
                view = tmp_path / f"{name}.jpg"
                tasks = [page_task("page", scan, view), page_task("empty", empty)]
                found = results(one, tasks)
                rejection = found["empty"].rejection
                assert rejection.reason is RejectReason.EMPTY
                seen[name] = repr(found["page"].observation), view.read_bytes()
            assert seen["inline"] == seen["ray"]
        with subtests.test(msg="a page that breaks its process, or needs too much, is isolated"):
            faulty = importlib.import_module("faulty_path")
            found = results(
                engine,
                [
                    page_task("first", scan),
                    page_task("killing", scan, faulty.KillingPath(tmp_path / "view.jpg")),
                    page_task("greedy", scan, faulty.GreedyPath(tmp_path / "view.jpg")),
                    page_task("last", scan),
                ],
            )
            failures = {key: r.failure for key, r in found.items() if r.failure is not None}
            told = {key: (f.category, f.retryable) for key, f in failures.items()}
            assert told == {
                "killing": (FailureCategory.CRASHED, False),
                "greedy": (FailureCategory.OUT_OF_MEMORY, True),
            }
            assert failures["killing"].message == "the process that observed it ended, 2 times"
        with subtests.test(msg="what is idle holds no processor that another program asks for"):
            task = page_task("page", scan)
            other = open_engine(scripted_recipe, registry, processes=0, on_ray=on_ray)
            with other as second:
                for one in (second, engine, second):
                    assert results(one, [task])["page"].observation is not None
        with subtests.test(msg="tasks are taken as they are needed"):
            taken = 0

            def tasks_one_by_one():
                nonlocal taken
                for taken in range(1, 11):
                    yield page_task(str(taken), scan)

            given = 0
            for given, _ in enumerate(engine.run(tasks_one_by_one()), start=1):
                assert taken <= given + AT_HAND * nodes.cpus
            assert given == 10
    with subtests.test(msg="the document of an edition is the same"):
        request = Request([scan, empty], "Rodong Sinmun", "2019-12-16")
        here = analyze(request, scripted_recipe, registry, processes=0)
        there = analyze(request, scripted_recipe, registry, processes=0, on_ray=on_ray)
        assert there == here
    with subtests.test(msg="a cluster that is gone is an outage"):
        nodes.close()
        with (
            open_engine(scripted_recipe, registry, processes=0, on_ray=on_ray) as engine,
            pytest.raises(EngineLost, match="can't be reached"),
        ):
            next(engine.run([page_task("page", scan)]))


def test_without_ray_it_is_said_what_to_install(scripted_recipe, registry, monkeypatch):
    monkeypatch.setattr(ray_engine, "find_spec", lambda _: None)
    with (
        pytest.raises(RayMissing, match=r"pip install 'presslens\[ray\]'"),
        open_engine(scripted_recipe, registry, processes=0, on_ray=OnRay("auto")),
    ):
        pytest.fail("the engine was opened")


def test_the_token_of_a_machine_is_shown(tmp_path, monkeypatch):
    for name in ("RAY_AUTH_MODE", "RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert ray_engine.auth_mode() == {}
    (tmp_path / ".ray").mkdir()
    (tmp_path / ".ray" / "auth_token").write_text("0" * 32)
    assert ray_engine.auth_mode() == {"RAY_AUTH_MODE": "token"}
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    assert ray_engine.auth_mode() == {}
