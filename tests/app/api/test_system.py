"""What machines ask."""

import json

import pytest
from prometheus_client.parser import text_string_to_metric_families

from presslens.app.services.analysis.presence import announce


@pytest.mark.parametrize("prefix", ["", "/api/v1"])
def test_the_service_says_how_it_is(client, upload, worker, scans, prefix):
    upload(scans)
    assert client.get(f"{prefix}/healthz").json() == {"status": "ok"}
    waiting = {"editions": 1, "references": 0, "relearn": 0, "pages": 0}
    waiting |= {"interpret": 0, "summarise": 0, "compare": 0, "sweep": 0}
    waiting |= {"look": 0, "encode": 0, "read": 0, "carry": 0, "trash": 0, "reprints": 0}
    assert client.get(f"{prefix}/readyz").json()["waiting"] == waiting
    worker.drain()
    ready = client.get(f"{prefix}/readyz").json()
    assert ready["waiting"] == ready["given_up"] == dict.fromkeys(waiting, 0)
    metrics = client.get(f"{prefix}/metrics")
    assert metrics.headers["content-type"].startswith("text/plain")
    assert 'presslens_pages{outcome="done"} 2.0' in metrics.text.splitlines()
    assert 'presslens_waiting{kind="pages"} 0.0' in metrics.text.splitlines()
    assert 'presslens_given_up{kind="interpret"} 0.0' in metrics.text.splitlines()


def samples(text):
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_the_metrics_of_all_workers_are_served_each_under_its_name(
    client, home, upload, worker, scans
):
    upload({**scans, "page_9.png": scans["page_2.png"][:-200]})
    worker.drain()
    announce(home, worker.tools.owner, worker.tools.metrics.text())
    announce(home, "other/7/x", worker.tools.metrics.text())
    text = client.get("/metrics").text
    assert text.count("# TYPE presslens_worker_pages_total counter") == 1
    found = samples(text)
    for name in (worker.tools.owner, "other/7/x"):
        one = ("worker", name)
        assert found["presslens_worker_pages_total", ("outcome", "done"), one] == 2
        assert found["presslens_worker_failures_total", ("reason", "corrupt"), one] == 1
        assert found["presslens_worker_photos_total", one] > 0
        stage = ("stage", "find")
        assert found["presslens_worker_stage_seconds_count", stage, one] == 3
        assert found["presslens_worker_turn_seconds_count", ("kind", "summarise"), one] >= 1
    assert found["presslens_workers",] == 2
    assert found["presslens_up",] == 1


def test_it_is_not_ready_without_its_store(client, home):
    (home.storage.root / ".presslens").unlink()
    answer = client.get("/api/v1/readyz")
    assert answer.status_code == 503
    assert str(home.storage.root) not in answer.text


def test_the_recipe_is_named(client, home):
    recipes = client.get("/api/v1/recipes").json()["recipes"]
    assert [(r["id"], r["current"]) for r in recipes] == [(home.recipe.id, True)]
    assert recipes[0]["rules"] == json.loads(home.recipe.canonical())


def test_operations_have_stable_names(client):
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    names = [operation["operationId"] for path in paths.values() for operation in path.values()]
    assert len(set(names)) == len(names)
    assert {"upload_edition", "get_composition", "list_photos", "add_references"} <= set(names)
    assert all(path.startswith("/api/v1/") for path in paths)
