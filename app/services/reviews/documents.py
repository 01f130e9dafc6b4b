"""Reviews, agreement and draws as documents: the JSON of the API and of the command line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from app.services.reviews.agreement import Disagreement, PhotoLocation, Reliability
from app.services.reviews.reviews import PhotoReviews, ReviewState
from app.services.reviews.sampling import NextPhoto, NextReviews
from pipelines.statistics.agreement import ALPHA, Agreement, AnswerAccuracy, Confusion
from pipelines.statistics.rounding import rounded, rounded_interval
from pipelines.statistics.sampling import SamplingScope

REVIEW_COLUMNS = (
    "review", "photo", "coder", "measure", "answer", "drawn_for", "drawn_from", "adjudicates",
    "codebook", "created_at", "withdrawn_at", "note",
)  # fmt: skip
DISAGREEMENT_COLUMNS = (
    "photo", "publication", "date", "edition", "page", "page_number", "measure", "yes", "no",
)  # fmt: skip
AGREEMENT_COLUMNS = (
    "measure", "photos", "coded_twice", "coders", "agreement", "alpha", "alpha_low", "alpha_high",
    "kappa", "reason",
    *(f"machine_{side}_{name}" for side in ("yes", "no", "found")
      for name in ("n", "right", "share", "low", "high")),
    "recipe",
)  # fmt: skip
WRITTEN = {True: "yes", False: "no", None: "?"}
METHOD = "strata of the machine's probability, Neyman allocation, by chance within each"


def review_document(review: ReviewState) -> dict[str, Any]:
    """Return a review."""
    return {
        "id": review.id,
        "photo": review.photo_id,
        "coder": review.coder,
        "codebook": review.codebook,
        "answers": review.answers,
        "drawn_for": review.drawn_for,
        "drawn_from": review.drawn_from,
        "adjudicates": review.adjudicates,
        "note": review.note,
        "created_at": review.created_at.isoformat(),
        "withdrawn_at": review.withdrawn_at.isoformat() if review.withdrawn_at else None,
    }


def review_rows(review: ReviewState) -> Iterator[dict[str, Any]]:
    """Yield a row for each answer of a review."""
    document = review_document(review)
    for measure, shows in review.answers.items():
        answer = WRITTEN[shows]
        yield {**document, "review": review.id, "measure": measure, "answer": answer}


def photo_document(photo: PhotoReviews) -> dict[str, Any]:
    """Return what people and the machine say of a photo."""
    return {
        "photo": photo.photo_id,
        "machine": {name: round(p, 4) for name, p in photo.machine.items()},
        **settled_document(photo),
        "reviews": [review_document(review) for review in photo.reviews],
    }


def settled_document(photo: PhotoReviews) -> dict[str, Any]:
    """Return what is settled of a photo, what is disputed, and who has coded it."""
    return {
        "settled": {
            name: {"shows": shows, "drawn": drawn} for name, (shows, drawn) in photo.settled.items()
        },
        "disagreements": list(photo.disputed),
        "coders": list(photo.coders),
    }


def reliability_document(found: Reliability) -> dict[str, Any]:
    """Return how far coders agree, and how often the machine is right, measure by measure."""
    agreements = {row.measure: row for row in found.agreements}
    confusions = {row.measure: row for row in found.confusions}
    names = [*agreements, *(name for name in confusions if name not in agreements)]
    return {
        "method": ALPHA,
        "machine_method": "settled photos only, drawn and picked; Wilson 95 %",
        "pending": found.pending,
        "measures": [
            {
                "measure": name,
                "coders": _agreement(agreements[name]) if name in agreements else None,
                "machine": _confusion(confusions[name]) if name in confusions else None,
            }
            for name in names
        ],
    }


def agreement_row(document: dict[str, Any], recipe_id: str) -> dict[str, Any]:
    """Return a measure of ``reliability_document`` as one flat row."""
    coders, machine = document["coders"] or {}, document["machine"] or {}
    low, high = coders.get("interval") or (None, None)
    row = {
        **coders,
        "measure": document["measure"],
        "coders": "; ".join(coders.get("names", ())),
        "alpha_low": low,
        "alpha_high": high,
        "recipe": recipe_id,
    }
    for side, right in machine.items():
        low, high = right["interval"] or (None, None)
        cells = {**right, "low": low, "high": high}
        row |= {f"machine_{side}_{name}": value for name, value in cells.items()}
    return row


def disagreement_document(row: Disagreement) -> dict[str, Any]:
    """Return a disagreement; coders stand in one text, so that JSON and CSV are alike."""
    return {
        **_place(row.place),
        "measure": row.measure,
        "yes": "; ".join(row.yes),
        "no": "; ".join(row.no),
    }


def next_document(found: NextReviews, confidence: float) -> dict[str, Any]:
    """Return the photos to review next, and how they were drawn."""
    question, draw = found.question, found.draw
    return {
        "question": {
            "measure": question.measure,
            **_scope(question.scope),
            "weight": question.weight.value,
        },
        "kind": found.kind.value,
        "seed": question.seed,
        "method": METHOD if draw else None,
        "n": sum(row.photos for row in draw.strata) if draw else None,
        "half_width": {"before": rounded(draw.before), "after": rounded(draw.after)}
        if draw
        else None,
        "confidence": confidence,
        "strata": [asdict(row) | {"spread": rounded(row.spread)} for row in draw.strata]
        if draw
        else None,
        "photos": [_next(photo) for photo in found.photos],
    }


def _next(photo: NextPhoto) -> dict[str, Any]:
    return {
        **_place(photo.place),
        "stratum": photo.stratum,
        "probability": round(photo.probability, 4),
        "token": photo.token,
        "coders": list(photo.coders),
    }


def _place(place: PhotoLocation) -> dict[str, Any]:
    return {
        "photo": place.photo_id,
        "publication": place.publication,
        "date": place.edition_date.isoformat(),
        "edition": place.edition_id,
        "page": place.page_id,
        "page_number": place.page_number,
    }


def _scope(scope: SamplingScope) -> dict[str, Any]:
    return {
        "page": scope.zone.value,
        "publication": scope.publication,
        "from": scope.first_date.isoformat() if scope.first_date else None,
        "to": scope.last_date.isoformat() if scope.last_date else None,
    }


def _agreement(row: Agreement) -> dict[str, Any]:
    return {
        "names": list(row.coders),
        "photos": row.photos,
        "coded_twice": row.coded_twice,
        "agreement": rounded(row.percent),
        "alpha": rounded(row.alpha),
        "interval": rounded_interval(row.interval),
        "kappa": rounded(row.kappa),
        "reason": row.reason,
    }


def _confusion(row: Confusion) -> dict[str, Any]:
    return {"yes": _right(row.yes), "no": _right(row.no), "found": _right(row.found)}


def _right(row: AnswerAccuracy) -> dict[str, Any]:
    return {
        "n": row.n,
        "right": row.right,
        "share": rounded(row.share),
        "interval": rounded_interval(row.interval),
    }
