"""Find all photos of fireworks in December, and take them away as a file."""

import csv
import io
import re
import zipfile

from playwright.sync_api import expect

from .conftest import Reader


def test_fireworks_of_december_are_found_and_exported(reader: Reader) -> None:
    tab = reader.tab
    reader.open("/")
    reader.menu("Photos")
    expect(tab.get_by_role("heading", name="Photos", level=1)).to_be_visible()
    reader.tick(tab.get_by_role("checkbox", name=re.compile("^fireworks")))
    reader.date(tab.get_by_label("From", exact=True), "2025-12-01")
    reader.date(tab.get_by_label("To", exact=True), "2025-12-31")
    reader.activate(tab.get_by_role("button", name="Show").first)
    tab.wait_for_url(re.compile("(?=.*subject=fireworks).*to=2025-12-31"))
    shown = tab.locator("a.tile").evaluate_all("tiles => tiles.map((a) => a.pathname)")
    expect(tab.locator(".lede")).to_have_text(re.compile(r"^\d+ photos$"))
    found = int(tab.locator(".lede").inner_text().split()[0])
    reader.activate(tab.get_by_role("link", name="Export these photos"))
    expect(tab.locator(".rows")).to_contain_text(f"{found} rows")
    with tab.expect_download() as downloading:
        reader.activate(tab.get_by_role("link", name="ZIP with README"))
    with zipfile.ZipFile(downloading.value.path()) as package:
        names = package.namelist()
        table = next(name for name in names if name.endswith(".csv"))
        rows = list(csv.DictReader(io.StringIO(package.read(table).decode("utf-8-sig"))))
        assert any("README" in name for name in names)
    assert len(rows) == found
    # Prints of one picture share a tile.
    assert {int(one.rpartition("/")[2]) for one in shown} <= {int(row["id"]) for row in rows}
    assert all("2025-12-01" <= row["date"] <= "2025-12-31" for row in rows)
    assert all(float(row["fireworks"]) >= 0.5 for row in rows)
