"""The samples with what coders and readers want to know of each: what is next, how far it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from presslens.app.db.samples import SampleRow
from presslens.app.installation import Installation
from presslens.app.services.reviews.coding import item_answers, photos_to_code
from presslens.app.services.reviews.sample_progress import SampleProgress, sample_progress
from presslens.app.services.samples.documents import SampleState
from presslens.app.services.samples.samples import sample_items, sample_state


@dataclass(frozen=True, slots=True)
class SampleOverview:
    """A sample at a glance.

    ``open`` is how many items one coder is still to code, ``unprinted`` how many lie on no page at
    hand, as their edition is in the trash.
    """

    sample: SampleState
    progress: SampleProgress
    open: int
    unprinted: int

    def to_json(self, coder: str | None = None) -> dict[str, Any]:
        """Return the overview as it is served, with the progress of one coder by itself."""
        return {
            **self.sample.to_json(),
            "coded": self.progress.to_json(coder),
            "agreement": self.progress.agreement_json(),
            "open": self.open,
            "unprinted": self.unprinted,
        }


def sample_overviews(
    home: Installation, coder: str | None = None, *, sample_id: int | None = None
) -> list[SampleOverview]:
    """Return the samples at a glance, the latest first.

    Args:
        coder: Whose open items are counted; None: anybody's.
        sample_id: The only sample; None: all.
    """
    found = []
    with home.database.read() as session:
        query = select(SampleRow).order_by(SampleRow.id.desc())
        for row in session.scalars(query if sample_id is None else query.filter_by(id=sample_id)):
            items = sample_items(session, home.recipe, row)
            answers = item_answers(session, home.recipe, items)
            open_ = photos_to_code(session, home.recipe, row, items, coder, answers)
            overview = SampleOverview(
                sample_state(session, home.recipe, row, items),
                sample_progress(session, home.recipe, row, items, answers, agreed=True),
                len(open_),
                sum(item.printed is None for item in items),
            )
            found.append(overview)
    return found
