"""What the labels of the photo sets say of each subject; None where they don't."""

from __future__ import annotations

from models.datasets import LabelledPhoto
from models.vocabulary import Subject

LEAST_BUILT = 0.05
"""A COCO photo shows buildings from this share of its pixels on, and none at 0."""

FEW = 15
"""A COCO photo with fewer persons shows no crowd."""


def label_of(photo: LabelledPhoto, subject: Subject) -> bool | None:
    """Return whether a photo is labelled as showing a subject."""
    match subject:
        case Subject.PEOPLE:
            return _people(photo)
        case Subject.BUILDINGS:
            return _buildings(photo)
        case Subject.CROWD if photo.dataset == "coco256":
            return False if int(photo.labels["n_person_boxes"]) < FEW else None
        case _:
            return photo.label(subject.value)


def _people(photo: LabelledPhoto) -> bool | None:
    labels = photo.labels
    match photo.dataset:
        case "rodong_sinmun_photos" | "dprk_web_photos":
            return labels["people_bucket"] != "0"
        case "coco256":
            return labels["n_person_boxes"] != "0"
        case "coco_mini":
            return labels["n_person"] != "0" if labels["has_boxes"] == "1" else None
        case "crowd_points":
            return True
        case "facility_web":
            return photo.label("person")
        case _:
            return None


def _buildings(photo: LabelledPhoto) -> bool | None:
    if photo.dataset == "coco256":
        share = photo.labels["frac_building"]
        return None if not share or 0 < float(share) < LEAST_BUILT else float(share) > 0
    return photo.label("building")
