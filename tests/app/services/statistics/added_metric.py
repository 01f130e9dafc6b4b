"""A program of a test: declares one more metric of editions, and prints where it is to be seen."""

import json
import os
import sys
from pathlib import Path

from presslens.pipelines.statistics.plain import PLAIN, Enrolment, EvidenceKind, PlainMetric, Unseen

NAME, WORDS, MEANING = "unseen_pages", "pages unseen", "pages that were not analysed"

# The only declaration of the metric.
PLAIN[NAME] = PlainMetric(
    name=NAME,
    meaning=MEANING,
    words=WORDS,
    heading=WORDS,
    in_percent=False,
    summed=True,
    unseen=Unseen.NONE,
    enrolment=Enrolment.NONE,
    evidence=EvidenceKind.PAGES,
    value=lambda summary: summary.pages - summary.pages_seen,
)

from fastapi.testclient import TestClient  # noqa: E402 - behind the declaration
from typer.testing import CliRunner  # noqa: E402

from presslens.app.cli import cli  # noqa: E402
from presslens.lab.soak.contract import HOST, filled_application  # noqa: E402

API = "/api/v1"


def seen_by_clients(client):
    """Return what the addresses of the API and the pages say of the metric."""
    asked = {"metric": NAME, "by": "edition"}
    days = {"from": "2015-01-01", "to": "2015-01-31"}
    rule = {"rule": f"all({NAME} = 1)", "publication": "Minju Joson", **days}
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    return {
        "listed": client.get(f"{API}/stats/metrics").json()["plain"][NAME],
        "groups": [
            (group["value"], group["numerator"])
            for group in client.get(f"{API}/stats", params=asked).json()["groups"]
        ],
        "csv": client.get(f"{API}/stats.csv", params=asked).text.splitlines()[:2],
        "composition": client.get(f"{API}/editions/1/composition").json()[NAME],
        "period": client.get(f"{API}/stats/composition").json()["metrics"][NAME]["total"],
        "typed": NAME in schemas["EditionComposition"]["properties"],
        "claim": client.post(f"{API}/claims/check", json=rule).json()["metrics"],
        "page": WORDS in client.get("/editions/1").text,
        "choice": f'value="{NAME}"' in client.get("/timeline").text,
    }


def main(folder):
    app = filled_application(folder)
    with TestClient(app, base_url=f"http://{HOST}") as client:
        found = seen_by_clients(client)
    os.environ["PRESSLENS_DATA_DIR"] = str(folder)
    found["printed"] = CliRunner().invoke(cli, ["stats", "show", NAME]).stdout
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
