"""What coders are asked, in sentences of the codebook, and the words of the strata."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from presslens.app.platform.language import Language
from presslens.app.services.reviews.coding import HINTS, QUESTIONS
from presslens.pipelines.statistics.measure import FIGURE, LABEL, STRATA


@dataclass(frozen=True, slots=True)
class QuestionWords:
    """A question as coders read it; ``hint`` is "" where the codebook has none."""

    name: str
    text: str
    hint: str


def question_words(names: Iterable[str], spoken: Language) -> list[QuestionWords]:
    """Return questions in the words of a language."""
    return [
        QuestionWords(name, _text(name, spoken), spoken.say(HINTS.get(name, ""))) for name in names
    ]


def strata_words(spoken: Language) -> list[str]:
    """Return the definitions of the strata of photos, by the machine's probability."""
    return [
        spoken.text("below %(p)s", p=spoken.percent(STRATA[0])),
        *(
            spoken.text("%(a)s to %(b)s", a=spoken.percent(a), b=spoken.percent(b))
            for a, b in pairwise(STRATA)
        ),
        spoken.text("%(p)s and above", p=spoken.percent(STRATA[-1])),
    ]


def _text(name: str, spoken: Language) -> str:
    if name.startswith(FIGURE):
        return spoken.text("Is %(name)s in the photo?", name=name.removeprefix(FIGURE))
    if name.startswith(LABEL):
        label = spoken.say(name.removeprefix(LABEL).replace("_", " "))
        return spoken.text("Does this fit the photo: %(name)s?", name=label)
    return spoken.say(QUESTIONS.get(name, name))
