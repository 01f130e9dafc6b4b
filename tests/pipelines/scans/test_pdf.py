"""What is on a page of a PDF is counted by what it paints, not by what it stretches over."""

import pytest

from presslens.app.drill.hostile_scans import pdf
from presslens.app.drill.scans import try_scan
from presslens.pipelines.scans.scan import RejectReason

ACROSS = "1 w " + " ".join(f"{n} 0 m {4000 - n} 4000 l S" for n in range(200))
"""Lines across a page, as on a map of routes."""


@pytest.mark.parametrize(
    ("drawing", "reason"),
    [
        (ACROSS, None),
        (ACROSS.replace("1 w", "2000 w"), RejectReason.TOO_COMPLEX),
        (ACROSS.replace("l S", "l 0 4000 l B"), RejectReason.TOO_COMPLEX),
    ],
    ids=["thin lines", "lines as wide as the page", "areas"],
)
def test_lines_that_cross_a_page_do_not_paint_all_of_it(sandbox, tmp_path, drawing, reason):
    path = tmp_path / "page.pdf"
    box = "/MediaBox [0 0 4000 4000]"
    path.write_bytes(
        pdf(
            [
                "<< /Type /Catalog /Pages 2 0 R >>",
                "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
                f"<< /Type /Page /Parent 2 0 R {box} /Contents 4 0 R >>",
                f"<< /Length {len(drawing)} >>\nstream\n{drawing}\nendstream",
            ]
        )
    )
    assert try_scan(sandbox, path).ends == (reason,)
