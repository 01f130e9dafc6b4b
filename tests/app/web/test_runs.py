"""The page of the work, and how it refreshes itself."""

from datetime import timedelta

from presslens.app.services.analysis.runs import pace, seconds_left
from presslens.app.services.catalogue.editions import find_edition

from .conftest import shown


def test_the_pace_and_the_time_left(now):
    for gaps, expected in (([], None), ([2] * 3, None), ([2, 4, 6, 8], 5.0)):
        moments = [now]
        for gap in gaps:
            moments.append(moments[-1] - timedelta(seconds=gap))
        assert pace(moments) == expected
    for waiting, left in (
        ((10, 1, 2.0), 20.0), ((0, 0, None), 0.0), ((10, 0, 2.0), None), ((10, 1, None), None),
    ):  # fmt: skip
        assert seconds_left(*waiting) == left


def test_the_page_tells_what_ran_and_refreshes_a_part_of_itself(client, worker, scans, put):
    edition = put(scans).edition_id
    page = shown(client, "/runs")
    assert "1 piece of work waits." in page
    assert "every 3s" in page
    worker.drain()
    page = shown(client, "/runs")
    part = shown(client, "/runs?part=state")
    assert f'href="/editions/{edition}"' in part
    assert "All is done: nothing waits." in page
    assert part.lstrip().startswith('<div id="state"')
    rows = client.get("/runs.csv").text.splitlines()
    assert rows[0] == "kind,waiting,held,given_up"
    assert "pages,0,0,0" in rows
    assert client.get("/runs.json").json()["lately"][0]["outcomes"] == {"done": 2, "empty": 1}


def test_what_failed_is_counted_by_its_cause(client, worker, engine, scans, put):
    engine.failures = {"page_1.png": 99, "page_2.png": 99}
    put(scans)
    worker.drain()
    document = client.get("/runs.json").json()
    assert document["causes"] == {"crashed": 2}
    assert [(p["category"], p["phase"]) for p in document["refused"]] == [("crashed", "look")] * 2
    assert document["refused"][0]["reason"] == "failed: it was dropped"
    assert "<p>crashed: 2</p>" in shown(client, "/runs")


def test_the_state_is_exchanged_without_breaking_the_policy(served, home, scans, put, tab):
    put(scans)
    assert find_edition(home, 1).pages == 0
    tab.goto(f"{served}/runs")
    before = tab.locator("#state").element_handle()
    tab.wait_for_function("old => !old.isConnected", arg=before)
    assert "1 piece of work waits" in tab.locator("#state").inner_text()
