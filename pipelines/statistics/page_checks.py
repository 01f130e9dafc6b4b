"""What counts take from what several people say of the photos of a page."""

from __future__ import annotations

from collections.abc import Sequence

from presslens.models.geometry import Box
from presslens.pipelines.statistics.count_estimates import PageCheck
from presslens.pipelines.statistics.page_places import PageStatement, place_counts


def page_check(
    found: Sequence[Box],
    cells: Sequence[int],
    statements: Sequence[PageStatement],
    *,
    drawn: bool,
) -> PageCheck:
    """Return what the count of a page takes from its reviews; places of disagreement: nothing.

    Args:
        found: The photos that the machine has found, in shares of the page.
        cells: The cell of each, see ``models.photos.finder_errors``.
        statements: The reviews of the page, the earliest first.
        drawn: Chance chose the page.
    """
    counts = place_counts(found, statements)
    settled = [(place, place.photos) for place in counts if place.photos is not None]
    counted = [(place, n) for place, n in settled if place.boxes is None]
    false = [(place, i) for place, n in settled for i in place.found[n:]]
    return PageCheck(
        whole=any(s.checked for s in statements) and len(settled) == len(counts),
        drawn=drawn,
        false=tuple(cells[i] for _, i in false),
        extra=sum(max(0, n - len(place.found)) for place, n in settled),
        applied=sum(n - len(place.found) for place, n in settled if place.boxes is not None),
        area=sum(place.box.area for place, n in counted if n and not place.found)
        - sum(found[i].area for place, i in false if place.boxes is None),
    )
