"""The commands of data protection, as a person types them."""

import io

from presslens.app.services.figures.figures import enrol_figure
from presslens.app.services.ingest.upload import Incoming

from ..conftest import NOW
from .conftest import document, invoke, printed


def test_report_erase_key(installed, make, tmp_path):
    photos = [Incoming("a.png", io.BytesIO(make(faces=1)))]
    enrol_figure(installed, "Kim", photos, public_role="head of state", coder="Anna", now=NOW)
    said = printed("privacy", "report")
    for words in ("head of state", "coder Anna: edits 1", "embeddings are not encrypted"):
        assert words in said
    report = document("privacy", "report")
    assert report["figures"][0]["public_role"] == "head of state"
    erase = ("privacy", "erase")
    assert "Aborted" in invoke(*erase, "figure", "Kim", code=1, typed="n\n").output
    assert "Kim is erased" in printed(*erase, "figure", "Kim", "--yes")
    coder = document(*erase, "coder", "Anna", "--yes")
    assert coder["pseudonym"].startswith("coder-")
    assert "embeddings of 0 faces" in printed(*erase, "embeddings", "--yes")
    report = document("privacy", "report")
    assert report["figures"] == []
    assert report["coders"].keys() == {coder["pseudonym"]}
    assert "is a key file now" in printed("privacy", "key", tmp_path / "key")
    assert "nobody is enrolled" in printed("privacy", "report")
