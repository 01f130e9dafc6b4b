"""INTERPRET: observations in, meaning out. Sees no pixels, so it can be done again at will."""

from __future__ import annotations

from models.faces.gallery import Gallery
from models.faces.matcher import Matcher
from models.focus.scorer import FocusScorer
from models.recipe import Recipe
from models.registry import Registry
from models.subjects.readers import SubjectReaders
from models.vocabulary import PageObservation, PhotoInterpretation, PhotoObservation


class Interpreter:
    """Decides what observations mean, under one recipe.

    Raises:
        ModelUnavailable: A weight file that the recipe names is missing.
        ModelMismatch: A weight file is not the one that the manifest names.
    """

    def __init__(self, recipe: Recipe, registry: Registry) -> None:
        self._rules = recipe.interpret
        self._subjects = SubjectReaders.load(registry.path("subjects"))
        self._matcher = Matcher.load(registry.path("matching"))
        self._focus = FocusScorer.load(registry.path("focus"))

    def interpret(self, page: PageObservation, gallery: Gallery) -> list[PhotoInterpretation]:
        """Return what each photo of a page is taken to mean, in the order of its photos."""
        return [self._photo(photo, gallery) for photo in page.photos]

    def _photo(self, photo: PhotoObservation, gallery: Gallery) -> PhotoInterpretation:
        subjects = self._subjects.read(photo, person_score=self._rules.person_score)
        sightings = self._matcher.sightings(photo.faces, gallery, threshold=self._rules.sighting)
        focus = self._focus.score(
            photo,
            subjects,
            sightings,
            leaders=gallery.leaders,
            margin=self._rules.focus_margin,
        )
        return PhotoInterpretation(tuple(subjects), tuple(sightings), focus)
