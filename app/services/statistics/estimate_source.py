"""What an estimate was made of: the estimator, the reviews at hand, and the samples."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from presslens.app.db.reviews import ReviewRow
from presslens.app.services.shares.share_photos import SharePhotos
from presslens.pipelines.result import Moment, Served
from presslens.pipelines.statistics.estimator import VERSION


@dataclass(frozen=True, slots=True)
class EstimateSource(Served):
    """What estimates were made of, beside their recipe."""

    SERVED: ClassVar[str] = "estimator reviews_as_of samples"

    # Time of the latest review, or of the latest withdrawal; None without any.
    reviews_as_of: Moment | None
    # The validation sample of each measure that has one, by measure.
    samples: dict[str, dict[str, Any]]

    @property
    def estimator(self) -> str:
        """Version of the estimator."""
        return VERSION


def estimate_source(session: Session, shares: Iterable[SharePhotos]) -> EstimateSource:
    """Return what estimates of shares are made of."""
    latest = select(func.max(ReviewRow.created_at), func.max(ReviewRow.withdrawn_at))
    moments = [moment for moment in session.execute(latest).one() if moment is not None]
    samples = {
        photos.metric.name: document
        for photos in shares
        if (document := photos.sample_document()) is not None
    }
    return EstimateSource(max(moments, default=None), samples)
