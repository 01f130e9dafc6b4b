"""A program of a test: declares one more format of pages, and prints where it is to be seen."""

import io
import json
import os
import sys
import zipfile
from pathlib import Path

from presslens.app.services.exports.export import PAGE_FORMATS, PageFormat
from presslens.models.message import Message

# The only declaration of the format.
PAGE_FORMATS["list"] = PageFormat(
    "list",
    "LIST",
    "photos as a list",
    Message("for readers of lists"),
    lambda page: "".join(f"{photo.photo_id}\n" for photo in page.photos).encode(),
)

from fastapi.testclient import TestClient  # noqa: E402 - behind the declaration
from typer.testing import CliRunner  # noqa: E402

from presslens.app.cli import cli, usage  # noqa: E402
from presslens.lab.soak.contract import HOST, filled_application  # noqa: E402
from presslens.lab.usage import written as recorded_usage  # noqa: E402

EXPORTS = "/api/v1/exports"


def first_document(file):
    with zipfile.ZipFile(file) as pages:
        return pages.read(pages.namelist()[0]).decode().split()


def main(folder):
    app = filled_application(folder / "archive")
    with TestClient(app, base_url=f"http://{HOST}") as client:
        answer = client.get(f"{EXPORTS}/list?edition=1")
        described = client.get("/openapi.json").json()["paths"][f"{EXPORTS}/list"]["get"]
        found = {
            "listed": client.get(EXPORTS).json()["formats"]["list"],
            "type": answer.headers["content-type"],
            "described": [described["operationId"], *described["responses"]["200"]["content"]],
            "sent": first_document(io.BytesIO(answer.content)),
            "page": "for readers of lists" in client.get("/export?edition=1").text,
            "example": "list.zip" in client.get("/docs").text,
        }
    os.environ["PRESSLENS_DATA_DIR"] = str(folder / "archive")
    os.environ["PRESSLENS_MIN_FREE_BYTES"] = "0"
    usage.USAGE = folder / "usage.json"  # as `make usage` records each command
    usage.USAGE.write_text(recorded_usage())
    target = folder / "list.zip"
    written = CliRunner().invoke(cli, ["export", "list", "--out", str(target), "--edition", "1"])
    found["written"] = [written.exit_code, first_document(target)]
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
