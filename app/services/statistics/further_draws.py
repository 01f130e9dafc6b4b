"""What a further draw of photos adds to the samples that are there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from presslens.app.services.recipes.recipes import Provenance
from presslens.app.services.shares.share_photos import SharePhotos


@dataclass(frozen=True, eq=False)
class FurtherDraws:
    """A draw from some editions, beside the samples of a share."""

    photos: SharePhotos  # the photos behind the share
    editions: frozenset[int]  # ids of the editions that are drawn from

    def continues(self, recipe: Provenance) -> bool:
        """Return whether a draw of today counts together with the drawn answers."""
        frames = [one.frame for one in self.photos.samples]
        return bool(frames) and frames[0].rule[:2] == (self.photos.metric.name, recipe.id)

    @property
    def sample(self) -> str | None:
        """Name of the sample of these editions that a draw makes larger; None: there is none."""
        asked = self.editions, self.photos.metric.zone
        frames = [one.frame for one in self.photos.samples]
        return next((one.name for one in frames if (one.editions, one.zone) == asked), None)

    def more(self, needed: int) -> tuple[int, str | None]:
        """Return how many photos to draw beside those that wait, and which sample has them.

        Args:
            needed: Photos that answers are needed of.
        """
        waiting = [
            round(one.waiting * len(self.editions & one.frame.editions) / len(one.frame.editions))
            for one in self.photos.samples
        ]
        more = max(0, needed - sum(waiting))
        if more or not waiting:
            return more, self.sample
        return 0, self.photos.samples[int(np.argmax(waiting))].frame.name
