"""How each number is made, how good the machine is, and what counts as what."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, ClassVar, NamedTuple

from fastapi import Response

from presslens.app.api.access import needs
from presslens.app.api.params import Home
from presslens.app.platform.language import Language, language
from presslens.app.platform.permissions import Permission
from presslens.app.web import markdown
from presslens.app.web.citation import citation
from presslens.app.web.page_router import CITED, PageRouter, Render, Rows
from presslens.models.accuracy import wilson
from presslens.models.measured import load_reliability, load_stations
from presslens.models.message import Message
from presslens.models.photos.finder_errors import FILE as FINDER_ERRORS
from presslens.models.recipe import Recipe
from presslens.models.subjects.codebook import CODEBOOK
from presslens.pipelines.result import Served, digits

A_HUNDRED = 100

PRINTED = "as printed"

HALFTONE = "halftone 85 lpi"

COVERAGE = "share inside its interval"

router = PageRouter()

SECTIONS = {
    "accuracy": Message("How often it is wrong"),
    "reliability": Message("Whether probabilities mean what they say"),
    "steps": Message("How a number is made"),
    "intervals": Message("Intervals"),
    "validity": Message("Valid in a newspaper, or not"),
    "usual": Message("What is unusual"),
    "claims": Message("Claims"),
    "figures": Message("Figures"),
    "limits": Message("Limits"),
    "ethics": Message("Ethics"),
    "codebook": Message("Codebook"),
    "recipe": Message("Recipe"),
    "in-full": Message("In full"),
}
"""The headings of the page by their anchors."""

COLUMNS = ("station", "what", "data", "n", "value", "low", "high", "method", "recipe")


@router.page("/method", twins=CITED)
@needs(Permission.READ)
def show_method(home: Home, render: Render) -> Response:
    """Show how each number is made, and what was measured of the weights in use."""
    spoken = language(render.code)
    accuracy = statements(home.recipe, spoken)
    diagrams = load_reliability()
    recipe = home.recipe
    return render(
        "method.html",
        document=lambda: {
            "recipe": recipe.id,
            "codebook": recipe.codebook,
            "accuracy": [one.to_json() for one in accuracy],
            "reliability": [
                {
                    "subject": one.subject,
                    "shown_as": one.shown_as,
                    "n": one.n,
                    "calibration_error": one.calibration_error,
                    "bins": [[part.n, part.stated, part.shown] for part in one.bins],
                }
                for one in diagrams
            ],
        },
        table=lambda: Rows(COLUMNS, _rows()),
        section="method",
        sections=SECTIONS,
        topics=[
            (topic, [one for one in accuracy if one.topic == topic])
            for topic in dict.fromkeys(one.topic for one in accuracy)
        ],
        diagrams=[
            (subject, [one for one in diagrams if one.subject == subject])
            for subject in dict.fromkeys(one.subject for one in diagrams)
        ],
        recipe=recipe,
        rules=json.dumps(json.loads(recipe.canonical()), indent=2, ensure_ascii=False),
        document_text=lambda name: markdown.document(name, render.code),
        sources=lambda some: dict.fromkeys((one.data, one.method, one.recipe) for one in some),
        cite=lambda: citation(home, render, spoken.text("Method"), recipe.id, spoken),
    )


def _rows() -> list[dict[str, Any]]:
    """Return all that was measured as rows of ``COLUMNS``."""
    return [
        {
            "station": name,
            "what": one.what,
            "data": one.data,
            "n": one.n,
            "value": one.value,
            "low": one.interval[0] if one.interval else None,
            "high": one.interval[1] if one.interval else None,
            "method": one.method,
            "recipe": station.recipe_id,
        }
        for name, station in load_stations().items()
        for one in station.measures
    ]


@dataclass(frozen=True, slots=True)
class AccuracyStatement(Served):
    """A measured figure in a sentence."""

    SERVED: ClassVar[str] = "topic sentence value interval:5 n point data method recipe"

    topic: str  # what it is about: photos, subjects, figures, focus, counts or intervals
    sentence: str  # what it means, in the reader's language
    value: Annotated[float, digits(5)]  # the figure, 0–1
    interval: tuple[float, float] | None  # its 95 % interval; None where none was computed
    n: int  # number of items that it was measured on
    point: str  # the threshold, or the level, at which it was measured
    data: str  # what they are
    method: str  # how they were kept apart from training
    recipe: str  # the recipe that was measured, or how its id begins

    @property
    def base(self) -> int:
        """How many items the sentence counts on: a hundred, or all where they are fewer."""
        return min(self.n, A_HUNDRED)


CONDITIONS = {
    "colour": Message("pages in colour"),
    "grey": Message("grey pages"),
    "screened": Message("pages printed in visible dots"),
    "coarse": Message("coarse scans, below 75 dpi"),
    "tilted": Message("tilted pages"),
    "bitonal": Message("pages copied to black and white"),
    "photographed": Message("pages photographed where they lay"),
}
FACES = {
    "over 50 px": Message("faces over 50 pixels wide"),
    "20-50 px": Message("faces of 20 to 50 pixels"),
    "10-20 px": Message("faces of 10 to 20 pixels"),
    "under 10 px": Message("faces below 10 pixels"),
}
CONTEXT = r"(, \d+% of them by context)?"


class MeasuredSentence(NamedTuple):
    """A sentence about a measured figure, and where the figure stands."""

    topic: str
    station: str
    what: str  # pattern of the name of the measure
    data: str  # how its data begins
    sentence: str
    of: str = ""  # what the sentence is about, in words


SENTENCES = (
    *(
        MeasuredSentence("subjects", "decisions", what, f"{subject}, all sets, {PRINTED}", *words)
        for subject, entry in CODEBOOK.items()
        for what, words in {
            "missed": (
                Message(
                    "Of %(n)s photos of %(what)s on printed pages, about %(count)s are missed."
                ),
                entry.shown,
            ),
            "false alarms": (
                Message(
                    "Of %(n)s printed photos %(what)s, about %(count)s are taken to show them."
                ),
                entry.not_shown,
            ),
        }.items()
    ),
    *(
        MeasuredSentence(
            "figures", "faces", rf"leader found, face {size}, probability 0\.5{printed}{CONTEXT}",
            "", sentence, faces,
        )
        for printed, sentence in {
            "": Message(
                "Of %(n)s %(faces)s of an enrolled leader, about %(count)s are recognised."
            ),
            f", {HALFTONE}": Message(
                "Of %(n)s %(faces)s of an enrolled leader, printed in visible dots, about"
                " %(count)s are recognised."
            ),
        }.items()
        for size, faces in FACES.items()
    ),
    MeasuredSentence(
        "figures", "faces", r"photos without the leader where he is reported, probability 0\.5", "",
        Message("Of %(n)s photos without the leader, about %(count)s are said to show him."),
    ),
    MeasuredSentence(
        "focus", "focus", "right where sure", "",
        Message(
            "Of %(n)s photos of state media whose focus the machine is sure of, it is right in"
            " about %(count)s."
        ),
    ),
    MeasuredSentence(
        "counts", "counts", "exact", f"state media, {PRINTED}",
        Message(
            "Of %(n)s printed photos with up to 15 people, the people are counted exactly in about"
            " %(count)s."
        ),
    ),
    MeasuredSentence(
        "counts", "counts", "90% interval holds it", f"state media, {PRINTED}",
        Message(
            "Of %(n)s printed photos, the 90%% interval of the count contains the true number in"
            " about %(count)s."
        ),
    ),
    MeasuredSentence(
        "intervals", "calibration", COVERAGE, "editions of left-out sources, all",
        Message(
            "Of %(n)s intervals of shares, on newspapers that nobody trained for, about %(count)s"
            " contain the truth; they claim 95 %%."
        ),
    ),
    MeasuredSentence(
        "intervals", "photo counts", "photos inside the interval", "pages, real",
        Message(
            "Of %(n)s intervals of the number of photos, on real pages, about %(count)s contain the"
            " truth; they claim 95 %%."
        ),
    ),
)  # fmt: skip
"""What is said of the weights in use, what matters most first; missed photos come before."""


def statements(recipe: Recipe, spoken: Language) -> list[AccuracyStatement]:
    """Return what was measured of the weights in use, what matters most first."""
    return [*_photos(recipe, spoken), *_measured(recipe, spoken)]


def _points(recipe: Recipe, spoken: Language) -> dict[str, str]:
    """Return at which threshold or level the figures of each topic were measured, in words."""
    probability = Message("probability of at least %(least)s")
    words = {
        "photos": (Message("score of at least %(least)s"), recipe.observe.photos.score),
        "subjects": (probability, recipe.aggregate.decision),
        "figures": (probability, recipe.interpret.sighting),
        "focus": (
            Message("sure: leads by at least %(least)s"), recipe.interpret.focus_margin,
        ),
        "counts": (
            Message("persons with a score of at least %(least)s"), recipe.interpret.person_score,
        ),
        "intervals": (Message("intervals at %(least)s"), recipe.aggregate.confidence),
    }  # fmt: skip
    return {
        topic: spoken.text(text, least=spoken.number(least, 2))
        for topic, (text, least) in words.items()
    }


def _measured(recipe: Recipe, spoken: Language) -> Iterator[AccuracyStatement]:
    stations, points = load_stations(), _points(recipe, spoken)
    for topic, name, what, data, sentence, of in SENTENCES:
        for one in stations[name].measures if name in stations else ():
            if re.fullmatch(what, one.what) and one.data.startswith(data):
                words = spoken.say(of)
                said = spoken.text(
                    sentence, **_counted(one.value, one.n, spoken), what=words, faces=words
                )
                yield AccuracyStatement(
                    topic, said, one.value, one.interval or wilson(one.value, one.n), one.n,
                    points[topic], one.data, one.method, stations[name].recipe_id,
                )  # fmt: skip
                break


@cache
def _finder_errors() -> Mapping[str, Any]:
    document: Mapping[str, Any] = json.loads(FINDER_ERRORS.read_text(encoding="utf-8"))
    return document


def _photos(recipe: Recipe, spoken: Language) -> Iterator[AccuracyStatement]:
    learned = _finder_errors()
    about = spoken.text(
        "%(pages)s labelled and composed pages of %(newspapers)s newspapers",
        pages=spoken.number(learned["pages"]),
        newspapers=spoken.number(learned["newspapers"]),
    )
    point = _points(recipe, spoken)["photos"]
    method = spoken.text("pages that the finder was not trained on")
    for condition, words in CONDITIONS.items():
        sizes = learned["recall"][condition].values()
        n, missed = (sum(size[key] for size in sizes) for key in ("n", "missed"))
        if not n:
            continue
        value = missed / n
        sentence = spoken.text(
            "Of %(n)s photos on %(pages)s, about %(count)s are missed.",
            pages=spoken.say(words),
            **_counted(value, n, spoken),
        )
        yield AccuracyStatement(
            "photos", sentence, value, wilson(value, n), n, point, about, method,
            learned["observation_id"],
        )  # fmt: skip


def _counted(share: float, n: int, spoken: Language) -> dict[str, str]:
    """Return how many of a hundred a share is; of fewer items than that, how many of them.

    Counts are whole from two on, else they have a digit: of three items nobody says "of 100".
    """
    base = min(n, A_HUNDRED)
    count = base * share
    return {
        "n": spoken.number(base),
        "count": spoken.number(count, 0 if count >= 2 or count == round(count) else 1),
    }
