"""A number is the same on every surface: pages, their twins, the API, exports, command lines."""

import csv
import io
import json
import re
import zipfile
from collections import Counter, defaultdict
from itertools import product
from operator import itemgetter

import duckdb
import pytest
from sqlalchemy import delete

from presslens.app.charts.naming import metric_title
from presslens.app.db.queries import EditionScope
from presslens.app.db.statistics import EditionShareRow, EditionSummaryRow
from presslens.app.platform.language import language
from presslens.app.publish.site import SiteChoices, publish_site
from presslens.app.services.reviews.coding_desk import coding_desk
from presslens.app.services.statistics.calendar import edition_calendar
from presslens.app.services.statistics.wide_photos import column_names
from presslens.app.web.report import stored_edition, write_report
from presslens.lab.bench import specimens
from presslens.models.vocabulary import Focus
from presslens.pipelines.result import rounded
from presslens.pipelines.statistics.decision import NEAR_POINTS, NEAR_SHARE
from presslens.pipelines.statistics.explanations import number
from presslens.pipelines.statistics.measure import SUBJECTS
from presslens.pipelines.statistics.metrics import Metric
from presslens.pipelines.statistics.plain_table import estimate

from ..answers import csv_rows
from ..conftest import NOW

PAPERS = ("Minju Joson", "Rodong Sinmun")
FOCUSES = tuple(f"focus_{one.value}" for one in Focus if one is not Focus.UNSURE)
MEASURES = (*SUBJECTS, *FOCUSES, "label:indoor")
SURFACES = {
    "list of photos": MEASURES,
    "tables": (*SUBJECTS, "label:indoor"),
    "COCO": (*SUBJECTS, *FOCUSES),
}
FROM_COMPOSITION = {"value": "share"}
ESTIMATE = ("value", "interval", "method", "refused", "n", "count", "numerator", "denominator",
    "decided", "decided_note", "machine", "settled", "drawn")  # fmt: skip

SPOKEN = language("en")
ROW = re.compile(
    r'<th scope="row">(.*?)</th>\s*<td class="number">(.*?)</td>(?:\s*<td>(.*?)</td>)?', re.DOTALL
)
EDITION = re.compile(r"/editions/(\d+)")
INTERVAL = re.compile(r'<span class="interval[^>]*>([^ <]*)')
PARQUET = ("/api/v1/photos.{}", "/api/v1/exports/photos?format={}",
    "/api/v1/exports/{}?table=subjects", "/api/v1/exports/{}?table=labels")  # fmt: skip


@pytest.fixture
def archive(home, worker):
    """Two newspapers with 96 photos each, of which each has its own calibration."""
    specimens.fill(home, 4, photos=12, publications=PAPERS)
    with home.database.write() as session:
        session.execute(delete(EditionShareRow))
        session.execute(delete(EditionSummaryRow))
    worker.drain()
    return home


def _answer_sample(client, home):
    """Draw 20 photos of a newspaper and have them answered, and a photo of each that was picked."""
    body = {"measures": [*SUBJECTS], "items": 20, "name": "drawn", "publication": PAPERS[1]}
    sample = client.post("/api/v1/samples", json=body).json()
    for i, (item, _) in enumerate(coding_desk(home, sample["id"], "A").open):
        answers = {name: (i + j) % 3 == 0 for j, name in enumerate(SUBJECTS)}
        given = {"client_id": f"device-1:{i}", "item": item.id, "answers": answers}
        body = {"coder": "A", "answers": [given]}
        address = f"/api/v1/samples/{sample['id']}/answers"
        client.post(address, json=body).raise_for_status()
    for paper in PAPERS:
        photos = client.get("/api/v1/photos", params={"publication": paper, "limit": 3}).json()
        for photo in photos["photos"]:
            review = {"coder": "A", "answers": {"children": True, "crowd": False}}
            review |= {"focus": "facility"}
            address = f"/api/v1/photos/{photo['id']}/reviews"
            client.post(address, json=review).raise_for_status()


def _zipped(client, address, name):
    with zipfile.ZipFile(io.BytesIO(client.get(address).content)) as packed:
        text = packed.read(name).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def _yes(cell):
    return cell == "true"


def _counted(client):
    """Return how many photos of each edition are taken to show a measure, by surface."""
    counts = defaultdict(lambda: defaultdict(Counter))
    for row in _zipped(client, "/api/v1/photos.zip", "photos.csv"):
        count = counts["list of photos"][int(row["edition"])]
        count.update(name for name in SUBJECTS if _yes(row[f"{name}_decided"]))
        count[f"focus_{row['focus_decided']}"] += 1
        count.update(f"label:{name}" for name in row["labels"].split("; ") if name)
    tables = "/api/v1/exports/csv"
    editions = defaultdict(list)
    for row in _zipped(client, tables, "photos.csv"):
        editions[row["photo_id"]].append(int(row["edition_id"]))
    for table, column, prefix in (("subjects", "subject", ""), ("labels", "label", "label:")):
        for row in _zipped(client, tables, f"{table}.csv"):
            for edition in editions[row["photo_id"]]:
                shown = _yes(row["decided"])
                counts["tables"][edition][f"{prefix}{row[column]}"] += shown
    coco = client.get("/api/v1/exports/coco").json()
    of_page = {image["id"]: image["edition_id"] for image in coco["images"]}
    for one in coco["annotations"]:
        if (given := one.get("attributes")) is not None:
            count = counts["COCO"][of_page[one["image_id"]]]
            count.update(name for name in SUBJECTS if given.get(name) == "yes")
            count[f"focus_{given.get('focus')}"] += 1
    return counts


def _corrected(client):
    """Return the corrected probabilities of the wide table, by edition and measure."""
    wide = client.get("/api/v1/exports/photos?format=csv").content.decode("utf-8-sig")
    corrected = defaultdict(list)
    for row in csv.DictReader(io.StringIO(wide)):
        for name, column in column_names(MEASURES).items():
            if cell := row.get(f"corrected_{column}"):
                corrected[int(row["edition_id"]), name].append(float(cell))
    return corrected


def _check_statistic(client, edition, paper, name, share):
    """Check a share against the statistic by edition, as JSON and as CSV."""
    ask = {"metric": name, "by": "edition", "publication": paper}
    groups = client.get("/api/v1/stats", params=ask).json()["groups"]
    (group,) = [one for one in groups if one["edition"] == edition]
    if share["share"] is None:
        assert (group["value"], group["refused"]) == (None, share["refused"])
        return
    taken = itemgetter(*(FROM_COMPOSITION.get(key, key) for key in ESTIMATE))
    assert itemgetter(*ESTIMATE)(group) == taken(share), (edition, name)
    rows = csv_rows(client.get("/api/v1/stats.csv", params=ask))
    (row,) = [one for one in rows if one["edition"] == str(edition)]
    for key in ("value", "n", "decided", "machine", "settled"):
        assert float(row[key]) == group[key]


def _check_decided(client, edition, name, share, counts):
    """Check how many photos are taken to show a measure, and that it is said why if need be."""
    kind, _, value = name.rpartition("_" if name.startswith("focus") else ":")
    facets = {"edition": edition, (kind or "subject"): value}
    shown = client.get("/api/v1/photos/facets", params=facets).json()["photos"]
    assert share["decided"] == shown, (edition, name)
    for surface, names in SURFACES.items():
        if name in names:
            assert counts[surface][edition][name] == shown, (surface, edition, name)
    near = max(NEAR_POINTS, NEAR_SHARE * share["share"])
    apart = abs(share["decided"] / share["n"] - share["share"]) >= near
    assert (share["decided_note"] is not None) == apart


def _check_usual(client, edition, shares):
    """Check what is said beside the usual: the share as it is served, and what is compared."""
    usual = client.get("/api/v1/baseline", params={"edition": edition}).json()["metrics"]
    for one in usual:
        share = shares.get(one["metric"])
        if share is None or share["share"] is None:
            continue
        metric = Metric(one["metric"])
        assert (one["value"], one["interval"]) == (share["share"], share["interval"])
        assert one["words"].startswith(
            f"{metric_title(metric, SPOKEN)} {number(metric, one['value'])}"
        )
        alone = number(metric, one["compared_value"])
        apart = f"compared without answers on both sides: {alone}" in one["words"]
        differs = one["usual"] is not None and one["compared_value"] != one["value"]
        assert apart == differs


def _check_printed(text, expected):
    """Check value and interval of rows that a page prints, by name or by edition."""
    printed = {}
    for head, value, interval in ROW.findall(text):
        edition = EDITION.search(head)
        ends = INTERVAL.search(interval)
        cells = re.sub("<[^>]*>", "", value).strip(), ends[1] if ends else ""
        printed.setdefault(int(edition[1]) if edition else head, cells)
    for key, (value, interval) in expected.items():
        if value is not None:
            assert printed[key] == (SPOKEN.percent(value), SPOKEN.interval(interval)), key


def _named(shares):
    """Return shares with their intervals by the names that pages give them."""
    return {
        metric_title(Metric(name), SPOKEN): (one["share"], one["interval"])
        for name, one in shares.items()
    }


def _check_timelines(client, paper, shares):
    """Check timelines: what they print, and their twins."""
    for name in ("children", "focus_leader", "label:indoor"):
        ask = {"metric": name, "publication": paper, "by": "edition"}
        (drawn,) = client.get("/timeline.json", params=ask).json()["statistics"]
        assert drawn["groups"] == client.get("/api/v1/stats", params=ask).json()["groups"]
        rows = {one["edition"]: (one["value"], one["interval"]) for one in drawn["groups"]}
        _check_printed(client.get("/timeline", params=ask).text, rows)
        if name in SUBJECTS:
            assert rows == {
                id_: (of[name]["share"], of[name]["interval"]) for id_, of in shares.items()
            }


def _check_files(client, home, folder, shares, *, published):
    """Check a report, and a published site: what they print, and the documents beside it."""
    write_report([stored_edition(home, id_) for id_ in shares], folder / "report", title="Both",
        today=NOW.date())  # fmt: skip
    files = ("report/pages/edition-{}.html", "report/data/edition-{}.json")
    if published:
        choices = SiteChoices(scope=EditionScope(PAPERS[1]))
        publish_site(home, folder / "site", choices, today=NOW.date(), processes=1)
        files += ("site/editions/{}.html", "site/editions/{}.json")
    for id_, of_edition in shares.items():
        served = client.get(f"/editions/{id_}.json").json()["composition"]
        for file in files:
            text = (folder / file.format(id_)).read_text()
            if file.endswith(".html"):
                _check_printed(text, _named(of_edition))
            else:
                assert json.loads(text)["composition"] == served


def _check_claim(client, edition, shares):
    """Check the numbers that a claim about the day of an edition rests on."""
    names = [name for name in SUBJECTS if shares[name]["share"] is not None]
    rule = " and ".join(f"share({name}) > 0.5" for name in names)
    body = {"rule": rule, "publication": edition["publication"]}
    body |= {"from": edition["date"], "to": edition["date"]}
    document = client.post("/api/v1/claims/check", json=body).json()
    steps = document["comparisons"]
    assert [one["left"]["value"] for one in steps] == [shares[name]["share"] for name in names]
    assert client.get("/claims/test.json", params=body).json()["comparisons"] == steps
    page = client.get("/claims/test", params=body).text
    measured = re.findall(r'<td class="number" data-head="Measured">(.*?)</td>', page)
    for one, text in zip(steps, measured, strict=True):
        left = one["left"]
        shown = text.replace("\N{WORD JOINER}", "")
        assert shown == f"{SPOKEN.percent(left['value'])} ({SPOKEN.interval(left['interval'])})"


def _check_plain_table(client, home, paper, shares):
    """Check tables of the photos of a newspaper and of a day, estimated without an archive."""
    known = [name for name in MEASURES if all(name in one for one in shares.values())]
    for name, day in product(known, (None, next(iter(shares)))):
        if shares[day or next(iter(shares))][name]["share"] is None:
            continue
        ask = {"metric": name, "publication": paper}
        if day is not None:
            date = client.get(f"/api/v1/editions/{day}").json()["date"]
            ask |= {"from": date, "to": date}
        rows = csv_rows(client.get("/api/v1/stats/photos.csv", params=ask))
        table = {column: [row[column] for row in rows] for column in rows[0]}
        groups = estimate(table, name, by="edition", rules=home.recipe.aggregate).groups
        assert len(groups) == (1 if day else len(shares))
        for group in groups:
            share = shares[int(group.group)][name]
            assert rounded(group.value) == share["share"]
            ends = share["interval"] or (None, None)
            assert (rounded(group.low), rounded(group.high)) == tuple(ends)
            assert group.refused == share["refused"]


def _check_parquet(client, folder):
    """Check that a Parquet file has the numbers of its CSV."""
    for address in PARQUET:
        text = client.get(address.format("csv")).content.decode("utf-8-sig")
        path = folder / "table.parquet"
        path.write_bytes(client.get(address.format("parquet")).content)
        found = duckdb.sql(f"SELECT * FROM read_parquet('{path}')")
        for row, cells in zip(found.fetchall(), csv.DictReader(io.StringIO(text)), strict=True):
            for column, value in zip(found.columns, row, strict=True):
                if isinstance(value, bool):
                    assert cells[column].lower() == str(value).lower()
                elif isinstance(value, int | float):
                    assert float(cells[column]) == pytest.approx(value, abs=1e-6), column


@pytest.mark.sqlite_alone
@pytest.mark.parametrize("answered", [pytest.param(False, marks=pytest.mark.long), True])
def test_no_number_differs_between_surfaces(client, archive, answered, tmp_path):
    if answered:
        _answer_sample(client, archive)
    editions = client.get("/api/v1/editions").json()["editions"]
    counts, corrected, known = _counted(client), _corrected(client), 0
    days = {day.edition: day for paper in PAPERS for day in edition_calendar(archive, paper).days}
    shares = defaultdict(dict)
    for edition in editions:
        id_ = edition["id"]
        made = client.get(f"/api/v1/editions/{id_}/composition").json()
        twin = client.get(f"/editions/{id_}.json").json()["composition"]
        assert json.dumps(twin) == json.dumps(made)
        numbers = {row["metric"]: row for row in csv_rows(client.get(f"/editions/{id_}.csv"))}
        of_edition = shares[edition["publication"]][id_] = made["shares"]
        _check_usual(client, id_, of_edition)
        _check_printed(client.get(f"/editions/{id_}").text, _named(of_edition))
        _check_claim(client, edition, of_edition)
        focus = (days[id_].leader_focus, days[id_].facility_focus)
        assert focus == tuple(of_edition[f"focus_{one}"]["share"] for one in ("leader", "facility"))
        assert days[id_].photos == made["photos"]
        for name in MEASURES:
            label = name.removeprefix("label:")
            share = made["labels"][label] if label != name else made["shares"][name]
            _check_statistic(client, id_, edition["publication"], name, share)
            if share["share"] is None:
                continue
            known += 1
            if name in numbers:
                assert float(numbers[name]["value"]) == share["share"]
            values = corrected[id_, name]
            assert share["share"] == pytest.approx(sum(values) / len(values), abs=2e-6)
            _check_decided(client, id_, name, share, counts)
    assert known >= len(editions) * len(SUBJECTS)
    for paper in PAPERS:
        _check_plain_table(client, archive, paper, shares[paper])
        _check_timelines(client, paper, shares[paper])
    _check_files(client, archive, tmp_path, shares[PAPERS[1]], published=not answered)
    _check_parquet(client, tmp_path)
