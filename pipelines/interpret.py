"""Interpretation of observations under a recipe: subjects, figures, labels and focus of photos.

No pixels are read, so an archive is re-interpreted in minutes.
"""

from __future__ import annotations

from dataclasses import replace

from presslens.models.encoders.readers import load_readers
from presslens.models.faces.appearance import appearance
from presslens.models.faces.gallery import Gallery
from presslens.models.faces.matcher import Matcher
from presslens.models.focus.scorer import FocusScorer
from presslens.models.labels.classifier import NO_LABELS, LabelSet, load_built_in
from presslens.models.recipe import Recipe
from presslens.models.registry import Registry
from presslens.models.subjects.readers import SubjectReaders
from presslens.models.vocabulary import (
    PageObservation,
    PhotoInterpretation,
    PhotoObservation,
    Sighting,
)


class Interpreter:
    """Interprets observations under one recipe.

    Raises:
        ModelUnavailable: A weight file that the recipe names is missing.
        ModelMismatch: A weight file is not the one that the manifest names.
    """

    WEIGHTS = ("subjects", "matching", "focus", "labels")
    """The names of its weight files."""

    def __init__(self, recipe: Recipe, registry: Registry) -> None:
        self._rules = recipe.interpret
        self._subjects = SubjectReaders.load(registry.path("subjects"))
        self._matcher = Matcher.load(registry.path("matching"))
        self._focus = FocusScorer.load(registry.path("focus"))
        self._built_in = load_built_in(registry.path("labels"))
        self._encoded = load_readers(recipe, registry)

    @property
    def built_in(self) -> tuple[str, ...]:
        """The names of the recipe's own labels."""
        return tuple(classifier.name for classifier in self._built_in)

    def interpret(
        self, page: PageObservation, gallery: Gallery, labels: LabelSet = NO_LABELS
    ) -> list[PhotoInterpretation]:
        """Return the interpretation of each photo of a page, in the order of its photos.

        Args:
            gallery: The enrolled figures.
            labels: A researcher's own labels, beside the recipe's.
        """
        return [self._photo(photo, gallery, labels) for photo in page.photos]

    def _photo(
        self, photo: PhotoObservation, gallery: Gallery, labels: LabelSet
    ) -> PhotoInterpretation:
        subjects = self._subjects.read(
            photo, person_score=self._rules.person_score, encoded=self._encoded
        )
        matched = self._matcher.match(photo, gallery, self._rules)
        sightings = [self._with_appearance(photo, sighting) for sighting in matched.sightings]
        focus = self._focus.score(
            photo,
            sightings,
            dict(matched.doubts),
            leaders=gallery.leaders,
            margin=self._rules.focus_margin,
        )
        every = LabelSet((*self._built_in, *labels.classifiers))
        return PhotoInterpretation(
            tuple(subjects),
            tuple(sightings),
            focus,
            tuple(every.read(photo, self._encoded)),
            labels.version,
            matched.doubts,
        )

    def _with_appearance(self, photo: PhotoObservation, sighting: Sighting) -> Sighting:
        body = appearance(photo, sighting.box, person_score=self._rules.person_score)
        return replace(sighting, appearance=body)
