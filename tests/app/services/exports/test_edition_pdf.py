import io

import numpy as np
import pypdfium2 as pdfium
import pytest
from PIL import Image as Pillow

from presslens.app.db.queries import EditionScope
from presslens.app.platform.errors import InvalidRequest, NotFound
from presslens.app.services.exports.edition_pdf import RESOLUTION, export_pdf

PDF = "/api/v1/exports/pdf"
POINT = 72 / RESOLUTION


def test_a_pdf_has_the_pages_of_an_edition_in_order(client, edition, pages):
    answer = client.get(PDF, params={"edition": edition})
    assert answer.headers["content-type"] == "application/pdf"
    with pdfium.PdfDocument(answer.content) as pdf:
        assert pdf.get_metadata_dict()["Title"] == "Rodong Sinmun, 2019-12-16"
        assert len(pdf) == len(pages)
        for page, printed in zip(pages, pdf, strict=True):
            sent = client.get(f"/api/v1/pages/{page}/image.jpg").content
            with Pillow.open(io.BytesIO(sent)) as image:
                picture = np.asarray(image.convert("RGB"), float)
            height, width = picture.shape[:2]
            assert printed.get_size() == pytest.approx((width * POINT, height * POINT))
            drawn = printed.render(scale=1 / POINT).to_pil().convert("RGB").resize((width, height))
            assert np.abs(np.asarray(drawn, float) - picture).mean() < 3


def test_a_manifest_names_its_pdf(client, edition):
    manifest = client.get(f"/api/v1/editions/{edition}/manifest.json").json()
    (named,) = [one for one in manifest["rendering"] if one["format"] == "application/pdf"]
    assert client.get(named["id"]).content.startswith(b"%PDF-")
    offered = client.get("/export", params={"edition": edition}).text
    assert f"{PDF}?edition={edition}" in offered
    assert PDF not in client.get("/export").text


def test_a_pdf_is_of_one_edition_that_is_analysed(home, put, scans, tmp_path):
    edition, folder = put(scans).edition_id, tmp_path / "pdf"
    folder.mkdir()
    for scope in (EditionScope(), EditionScope("Rodong Sinmun", edition=edition)):
        with pytest.raises(InvalidRequest, match="of one edition"):
            export_pdf(home, scope, folder)
    with pytest.raises(NotFound, match="analysed yet"):
        export_pdf(home, EditionScope(edition=edition), folder)
    with pytest.raises(NotFound):
        export_pdf(home, EditionScope(edition=999), folder)
    assert not list(folder.iterdir())
