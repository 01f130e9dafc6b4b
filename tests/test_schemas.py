"""The schemas accept what an independent program writes, and refuse what breaks them."""

import shutil
import subprocess
from pathlib import Path

import cv2
import numpy as np
import pytest

from .schemas import ALTO_2, ALTO_3, ALTO_4, PAGE_2013, PAGE_2019, broken_rules


@pytest.fixture(scope="module")
def read_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Have Tesseract read a drawn page: ``page.xml`` (ALTO 3), ``page.page.xml`` (PAGE 2019)."""
    if shutil.which("tesseract") is None:
        pytest.skip("Tesseract is not installed")
    folder = tmp_path_factory.mktemp("read")
    page = np.full((700, 1000, 3), 245, np.uint8)
    cv2.rectangle(page, (100, 100), (600, 500), (90, 90, 90), -1)
    cv2.putText(page, "Workers of the new plant", (100, 560), 0, 1, (10, 10, 10), 2)
    cv2.imwrite(str(folder / "page.png"), page)
    command = ["tesseract", folder / "page.png", folder / "page", "alto", "page"]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return folder


def test_tesseracts_alto_and_page_are_valid(read_page: Path) -> None:
    for name in ("page.xml", "page.page.xml"):
        assert broken_rules((read_page / name).read_bytes()) == [], name


def test_the_other_versions_are_told_apart_by_their_namespace_alone(read_page: Path) -> None:
    for name, old, new in (
        ("page.xml", ALTO_3, ALTO_2),
        ("page.xml", ALTO_3, ALTO_4),
        ("page.page.xml", PAGE_2019, PAGE_2013),
    ):
        document = (read_page / name).read_text().replace(old, new)
        assert broken_rules(document.encode()) == [], new


def test_what_breaks_a_rule_is_named_with_its_line(read_page: Path) -> None:
    for name, right, wrong in (
        ("page.xml", "<MeasurementUnit>pixel<", "<MeasurementUnit>cubit<"),
        ("page.xml", ' PHYSICAL_IMG_NR="0"', ""),
        ("page.page.xml", 'imageWidth="1000"', 'imageWidth="wide"'),
    ):
        document = (read_page / name).read_text()
        assert right in document
        assert broken_rules(document.replace(right, wrong).encode())[0].startswith("line "), wrong
    assert broken_rules(b'<mets xmlns="http://www.loc.gov/METS/"/>')
