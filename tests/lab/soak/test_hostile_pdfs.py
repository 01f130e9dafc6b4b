"""PDFs that would take hours to draw are refused for what they are, in little memory."""

from itertools import islice
from random import Random

import pytest

from presslens.app.drill.hostile_scans import pdf
from presslens.app.drill.scans import try_scan
from presslens.lab.soak.hostile_pdfs import hostile_pdfs
from presslens.pipelines.scans.scan import RejectReason

MEMORY = 300 * 2**20
KINDS = 30


def test_a_tenth_of_them_end_as_pixels_or_as_a_true_reason_in_little_memory(
    sandbox, tmp_path, subtests
):
    path = tmp_path / "scan"
    for scan in islice(hostile_pdfs(100, Random(17)), 0, None, 11):
        path.write_bytes(scan.content)
        with subtests.test(scan.name):
            trial = try_scan(sandbox, path)
            assert trial.ends
            assert RejectReason.CRASHED not in trial.ends
            assert trial.memory < MEMORY


@pytest.mark.parametrize("calls", [1, 10])
def test_a_form_that_calls_itself_is_refused_for_that(sandbox, tmp_path, calls):
    path = tmp_path / "scan"
    path.write_bytes(nested(calls, 1, "/F0 Do"))
    trial = try_scan(sandbox, path)
    assert trial.ends == (RejectReason.TOO_COMPLEX,)
    assert trial.memory < MEMORY


def test_parts_in_parts_are_counted_before_they_are_drawn(sandbox, tmp_path):
    path = tmp_path / "scan"
    for calls, levels, reason in (
        (1, 10, None),
        (3, 9, None),
        (1, 26, RejectReason.TOO_COMPLEX),
        (4, 10, RejectReason.TOO_COMPLEX),
    ):
        path.write_bytes(nested(calls, levels))
        assert try_scan(sandbox, path).ends == (reason,), (calls, levels)


def nested(calls, levels, last="0 0 9 9 re f"):
    """Return a page of forms in forms: so many calls on each level."""
    names = " ".join(f"/F{level} {5 + level} 0 R" for level in range(levels))
    resources = f"/Resources << /XObject << {names} >> >>"
    head = f"/Type /XObject /Subtype /Form /BBox [0 0 72 72] {resources}"
    drawings = [f"/F{level + 1} Do " * calls for level in range(levels - 1)]
    drawings.append(f"{last} " * calls)
    page = f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 72 72] {resources} /Contents 4 0 R >>"
    forms = [f"<< {head} /Length {len(d)} >>\nstream\n{d}\nendstream" for d in drawings]
    return pdf(
        [
            "<< /Type /Catalog /Pages 2 0 R >>",
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            page,
            "<< /Length 6 >>\nstream\n/F0 Do\nendstream",
            *forms,
        ]
    )


def test_the_same_chance_makes_the_same_pdfs_of_all_kinds():
    first, second = (list(hostile_pdfs(KINDS, Random(3))) for _ in range(2))
    assert first == second
    assert len({scan.name.partition(": ")[2] for scan in first}) == KINDS
