"""The Python examples of the documentation run on real exports."""

import contextlib
import io
import re
from pathlib import Path

import pytest

from presslens.app.api.export_links import page_image_path
from presslens.app.db.queries import EditionScope
from presslens.app.services.exports.export import export_coco, export_tables
from presslens.app.services.exports.table_writer import TableFormat
from presslens.app.services.shares.selection import EditionCriteria
from presslens.app.services.statistics.by_group import GroupBy, statistic
from presslens.app.services.statistics.wide_photos import export_photo_table
from presslens.pipelines.statistics.metrics import Metric

DOCUMENT = Path(__file__).parents[4] / "docs" / "reference" / "exports.md"
EXAMPLES = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture(scope="module")
def folder(archive, tmp_path_factory):
    folder = tmp_path_factory.mktemp("examples")
    for kind in TableFormat:
        export_tables(archive, EditionScope(), kind, folder)
    export_coco(archive, EditionScope(), folder, image_path=page_image_path)
    wide = folder / "wide"
    wide.mkdir()
    made = export_photo_table(archive, EditionScope(), TableFormat.CSV, wide)
    made.path.rename(folder / "photos.csv")
    return folder


@pytest.mark.parametrize(
    ("example", "name", "rows"),
    [(0, "photos", 80), (1, "photos", 80), (2, "subjects", 400), (3, None, 0), (4, "photos", 80)],
)
def test_an_example_runs(folder, monkeypatch, example, name, rows):
    assert len(EXAMPLES) == 5
    monkeypatch.chdir(folder)
    names = {}
    with contextlib.redirect_stdout(io.StringIO()) as output:
        exec(EXAMPLES[example], names)
    if name is None:
        assert "leader" in output.getvalue()
    else:
        assert len(names[name]) == rows


def test_the_first_example_prints_the_share_of_each_edition(archive, folder, monkeypatch):
    monkeypatch.chdir(folder)
    with contextlib.redirect_stdout(io.StringIO()) as output:
        exec(EXAMPLES[0], {})
    printed = dict(re.findall(r"^(\d+) +(\S+)$", output.getvalue(), re.MULTILINE))
    shares = {
        one.key: one.estimate.value
        for one in statistic(
            archive, Metric("children"), EditionCriteria(), by=GroupBy.EDITION
        ).groups
    }
    assert {id_: float(one) for id_, one in printed.items()} == pytest.approx(shares, abs=1e-5)
    in_r = re.findall(r"```r\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)[0]
    assert "aggregate(corrected_children ~ edition_id, photos, mean)" in in_r
