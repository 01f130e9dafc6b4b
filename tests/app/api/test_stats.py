"""Statistics over HTTP: JSON, CSV and a picture."""

from datetime import date

import pytest

from presslens.app.charts.chart import Theme
from presslens.app.charts.palette import PALETTES
from presslens.app.db.claims import EventRow
from presslens.app.db.tables import PublicationRow

from ..answers import csv_rows
from ..first_states import made_once

STATS = "/api/v1/stats"


@pytest.fixture
@made_once
def editions(add_summary):
    """Three editions, on two of which half the photos show children."""
    return [
        add_summary(date(2025, 12, 15), photos=20, shares={"children": 0.5}),
        add_summary(date(2025, 12, 16), photos=100, pages=8, shares={"children": 0.5}),
        add_summary(date(2026, 1, 2), photos=30, shares={"children": 0.1}, publication="Minju"),
    ]


def test_every_answer_says_what_it_is_made_of(client, home, editions):
    answer = client.get(STATS, params={"metric": "children"}).json()
    assert answer["recipe"] == home.recipe.id
    assert (answer["estimand"], answer["weight"], answer["zone"]) == (
        "share_of_photos", "count", "all",
    )  # fmt: skip
    assert (answer["editions"], answer["pages_seen"], answer["coverage"]) == (3, 20, 1.0)
    (group,) = answer["groups"]
    assert group["machine"] == pytest.approx(63 / 150, abs=0.002)
    assert (group["n"], group["denominator"]) == (150, 150)
    assert (
        group["numerator"]
        == group["count"]["value"]
        == pytest.approx(150 * group["value"], abs=0.01)
    )
    assert group["count"]["low"] <= group["count"]["value"] <= group["count"]["high"] <= 150
    assert answer["inference"] == "these"
    mean = client.get(STATS, params={"metric": "children", "estimand": "mean_edition_share"})
    assert mean.json()["groups"][0]["machine"] == pytest.approx(1.1 / 3, abs=0.002)
    practice = client.get(STATS, params={"metric": "children", "inference": "practice"}).json()
    assert practice["groups"][0]["interval"] is None
    assert "practice" in practice["groups"][0]["refused"]


def test_the_permalink_asks_for_the_same(client, editions):
    asked = {
        "metric": "children@all/area",
        "by": "month",
        "publication": "Rodong",
        "from": "2025-12-01",
        "weekday": [1, 2],
    }
    answer = client.get(STATS, params=asked).json()
    assert [group["group"] for group in answer["groups"]] == ["2025-12"]
    assert client.get(answer["permalink"]).json() == answer


def test_csv_holds_the_groups(client, editions):
    answer = client.get(f"{STATS}.csv", params={"metric": "children", "by": "edition"})
    rows = csv_rows(answer)
    assert [row["date"] for row in rows] == ["2025-12-15", "2025-12-16", "2026-01-02"]
    machine = [float(row["machine"]) for row in rows]
    assert machine == pytest.approx([0.5, 0.5, 0.1], abs=0.002)
    assert all(float(row["low"]) <= float(row["value"]) <= float(row["high"]) for row in rows)
    assert {row["inference"] for row in rows} == {"these"}
    assert float(rows[2]["low"]) <= 0.1 < float(rows[2]["high"])
    by_accept = client.get(
        STATS, params={"metric": "children", "by": "edition"}, headers={"Accept": "text/csv"}
    )
    assert by_accept.text == answer.text


FORMS = {
    "png": ("image/png", b"\x89PNG"), "pdf": ("application/pdf", b"%PDF"),
    "svg": ("image/svg+xml", b"<svg"), "vl.json": ("application/json", b"{"),
}  # fmt: skip


def test_charts_are_drawn(client, editions, subtests):
    rodong = {"metric": "photos", "by": "edition", "publication": "Rodong"}
    for path, forms, params in (
        ("", FORMS, {"metric": "children", "by": "month"}),
        ("/changes", ("svg", "vl.json"), rodong),
        ("/compare", ("svg", "vl.json"), {"a_publication": "Rodong", "b_publication": "Minju"}),
    ):
        for form in forms:
            with subtests.test(f"{path}.{form}"):
                media_type, start = FORMS[form]
                answer = client.get(f"{STATS}{path}.{form}", params=params)
                assert answer.status_code == 200, answer.text
                assert answer.headers["content-type"].partition(";")[0] == media_type
                assert answer.content.startswith(start)


def test_a_chart_has_a_theme_a_language_and_an_address(client, editions):
    asked = {"metric": "photos", "by": "weekday", "theme": "dark", "lang": "ko"}
    spec = client.get(f"{STATS}.vl.json", params=asked).json()
    assert spec["$schema"].startswith("https://vega.github.io/schema/vega-lite/v6")
    assert spec["config"]["title"]["color"] == PALETTES[Theme.DARK].ink
    assert "월요일" in str(spec)


def test_events_are_on_timelines(client, home, editions):
    with home.database.write() as session:
        for day in (date(2025, 12, 31), date(2027, 1, 1)):
            session.add(EventRow(event_date=day, title=f"on {day}", source="x"))
        other = PublicationRow(name="Another paper")
        session.add(other)
        session.flush()
        day, known = date(2025, 12, 31), {"title": "of another", "source": "x"}
        session.add(EventRow(event_date=day, publication_id=other.id, **known))
    for by, shown in (("month", True), ("edition", True), ("weekday", False)):
        answer = client.get(STATS, params={"metric": "photos", "by": by}).json()
        titles = [event["title"] for event in answer["events"]]
        assert ("on 2025-12-31" in titles) is shown
        assert not {"on 2027-01-01", "of another"} & set(titles)


def test_an_event_is_drawn_by_the_words_it_has(client, home, editions):
    words = ("$$", "$\\frac{", "{{7*7}}", "<b>&amp;", "datum['x']", "\\n\\u0000")
    with home.database.write() as session:
        for title in words:
            session.add(EventRow(event_date=date(2025, 12, 31), title=title, source="$$"))
    query = {"metric": "photos", "by": "month"}
    assert client.get(f"{STATS}.svg", params=query).status_code == 200
    assert "$$" in client.get(f"{STATS}.vl.json", params=query).text


def test_all_metrics_of_a_period(client, editions):
    answer = client.get(f"{STATS}/composition", params={"publication": "Rodong"}).json()
    assert (answer["editions"], answer["pages"]) == (2, 14)
    assert answer["metrics"]["photos"]["total"] == 120
    assert answer["shares"]["children"]["machine"] == 0.5


def test_what_can_be_asked_for_is_listed_and_answered(client, editions):
    known = client.get(f"{STATS}/metrics").json()
    for name in [*known["plain"], *known["shares"]]:
        answer = client.get(STATS, params={"metric": name})
        assert answer.status_code == 200, answer.text


def test_a_measure_of_nobody_is_refused(client, editions):
    answer = client.get(STATS, params={"metric": "figure:Nobody"})
    assert answer.json()["detail"] == "no figure is called 'Nobody': nobody is enrolled yet"


def test_a_page_has_a_composition(client, pages):
    answer = client.get(f"/api/v1/pages/{pages[0]}/composition").json()
    assert (answer["number"], answer["pages"], answer["photos"]) == (1, 1, 1)
    assert answer["shares"]["people"]["n"] == 1
