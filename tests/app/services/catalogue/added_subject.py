"""A program of a test: declares one more subject, and prints where it is to be seen."""

import json
import os
import sys
from enum import StrEnum
from pathlib import Path

from presslens.models import vocabulary
from presslens.models.message import Message

# A member of the vocabulary, and its entry in the codebook: the only declarations of the subject.
vocabulary.Subject = StrEnum(
    "Subject",
    [*((one.name, one.value) for one in vocabulary.Subject), ("SHIPS", "ships")],
    module=vocabulary.__name__,
)
from presslens.models.subjects import codebook  # noqa: E402 - behind the declaration

codebook.CODEBOOK[vocabulary.Subject.SHIPS] = codebook.CodebookEntry(
    meaning=Message("a ship afloat"),
    question=Message("Is a ship afloat?"),
    hint=Message("Not: models."),
    shown=Message("ships"),
    not_shown=Message("without ships"),
    counted="ships",
)

from fastapi.testclient import TestClient  # noqa: E402
from typer.testing import CliRunner  # noqa: E402

from presslens.app.cli import cli  # noqa: E402
from presslens.app.platform.language import language  # noqa: E402
from presslens.app.web.question_words import question_words  # noqa: E402
from presslens.lab.soak.contract import HOST, filled_application  # noqa: E402

API = "/api/v1"


def seen_by_clients(client):
    """Return what the addresses of the API and the pages say of the subject."""
    days = {"from": "2015-01-01", "to": "2015-01-31"}
    rule = {"rule": "any(share(ships) > 5 %)", "publication": "Minju Joson", **days}
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    page = client.get("/editions/1").text
    return {
        "share": "ships" in client.get(f"{API}/stats/metrics").json()["shares"],
        "estimate": client.get(f"{API}/stats", params={"metric": "ships"}).status_code,
        "composition": sorted(client.get(f"{API}/editions/1/composition").json()["shares"]),
        "filter": client.get(f"{API}/photos", params={"subject": "ships"}).json()["photos"],
        "columns": client.get(f"{API}/photos.csv").text.splitlines()[0],
        "typed": "ships" in schemas["Subject"]["enum"],
        "claim": client.post(f"{API}/claims/check", json=rule).json()["metrics"],
        "page": ["ships" in page, "ships" in client.get("/gallery").text],
    }


def main(folder):
    app = filled_application(folder)
    with TestClient(app, base_url=f"http://{HOST}") as client:
        found = seen_by_clients(client)
    os.environ["PRESSLENS_DATA_DIR"] = str(folder)
    found["dictionary"] = CliRunner().invoke(cli, ["export", "dictionary"]).stdout
    found["printed"] = CliRunner().invoke(cli, ["stats", "show", "ships"]).stdout
    [asked] = question_words(["ships"], language("en"))
    found["asked"] = [asked.text, asked.hint]
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
