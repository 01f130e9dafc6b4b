"""How each number is made, how good the machine is, and what counts as what."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, ClassVar

from fastapi import Response

from presslens.app.api.access import needs
from presslens.app.api.params import Home
from presslens.app.platform.language import Language, language
from presslens.app.platform.permissions import Permission
from presslens.app.web.citation import citation
from presslens.app.web.markdown import rendered
from presslens.app.web.page_router import PageRouter, Render, Rows
from presslens.models.accuracy import Measure, wilson
from presslens.models.measured import MeasuredStation, load_reliability, load_stations
from presslens.models.photos.finder_errors import FILE as FINDER_ERRORS
from presslens.models.subjects.codebook import CODEBOOK
from presslens.pipelines.result import Served, digits

PRINTED = "as printed"

HALFTONE = "halftone 85 lpi"

COVERAGE = "share inside its interval"

router = PageRouter()

COLUMNS = ("station", "what", "data", "n", "value", "low", "high", "method", "recipe")


@router.page("/method")
@needs(Permission.READ)
def show_method(home: Home, render: Render) -> Response:
    """Show how each number is made, and what was measured of the weights in use."""
    spoken = language(render.code)
    accuracy = statements(spoken)
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
        document_text=rendered,
        sources=lambda some: dict.fromkeys((one.data, one.method, one.recipe) for one in some),
        citation=citation(render, spoken.text("Method"), recipe.id, spoken),
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

    SERVED: ClassVar[str] = "topic sentence value interval=rounded_interval n data method recipe"

    topic: str  # what it is about: photos, subjects, figures, focus, counts or intervals
    sentence: str  # what it means, in the reader's language
    value: Annotated[float, digits(5)]  # the figure, 0–1
    interval: tuple[float, float] | None  # its 95 % interval; None where none was computed
    n: int  # number of items that it was measured on
    data: str  # what they are
    method: str  # how they were kept apart from training
    recipe: str  # the recipe that was measured, or how its id begins

    @property
    def rounded_interval(self) -> list[float] | None:
        """The interval."""
        return None if self.interval is None else [round(e, 5) for e in self.interval]


def statements(spoken: Language) -> list[AccuracyStatement]:
    """Return what was measured of the weights in use, what matters most first."""
    stations = load_stations()
    return [
        *_photos(spoken),
        *_subjects(stations, spoken),
        *_figures(stations, spoken),
        *_focus(stations, spoken),
        *_counts(stations, spoken),
        *_intervals(stations, spoken),
    ]


@cache
def _finder_errors() -> Mapping[str, Any]:
    document: Mapping[str, Any] = json.loads(FINDER_ERRORS.read_text(encoding="utf-8"))
    return document


def _photos(spoken: Language) -> Iterator[AccuracyStatement]:
    learned = _finder_errors()
    conditions = {
        "colour": spoken.text("pages in colour"),
        "grey": spoken.text("grey pages"),
        "screened": spoken.text("pages printed in visible dots"),
        "coarse": spoken.text("coarse scans, below 75 dpi"),
        "tilted": spoken.text("tilted pages"),
        "bitonal": spoken.text("pages copied to black and white"),
        "photographed": spoken.text("pages photographed where they lay"),
    }
    about = spoken.text(
        "%(pages)s labelled and composed pages of %(newspapers)s newspapers",
        pages=spoken.number(learned["pages"]),
        newspapers=spoken.number(learned["newspapers"]),
    )
    method = spoken.text("pages that the finder was not trained on")
    for condition, words in conditions.items():
        sizes = learned["recall"][condition].values()
        n, missed = (sum(size[key] for size in sizes) for key in ("n", "missed"))
        if not n:
            continue
        value = missed / n
        sentence = spoken.text(
            "Of 100 photos on %(pages)s, about %(count)s are missed.",
            pages=words,
            count=_of_hundred(value, spoken),
        )
        yield AccuracyStatement(
            "photos", sentence, value, wilson(value, n), n, about, method,
            learned["observation_id"],
        )  # fmt: skip


def _subjects(
    stations: Mapping[str, MeasuredStation], spoken: Language
) -> Iterator[AccuracyStatement]:
    station = stations.get("decisions")
    for subject, entry in CODEBOOK.items():
        data = f"{subject}, all sets, {PRINTED}"
        missed = station.of("missed", data) if station else None
        false = station.of("false alarms", data) if station else None
        if station is None or missed is None or false is None:
            continue
        yield _statement(
            "subjects",
            spoken.text(
                "Of 100 photos of %(what)s on printed pages, about %(count)s are missed.",
                what=spoken.say(entry.shown),
                count=_of_hundred(missed.value, spoken),
            ),
            missed,
            station,
        )
        yield _statement(
            "subjects",
            spoken.text(
                "Of 100 printed photos %(what)s, about %(count)s are taken to show them.",
                what=spoken.say(entry.not_shown),
                count=_of_hundred(false.value, spoken),
            ),
            false,
            station,
        )


def _figures(
    stations: Mapping[str, MeasuredStation], spoken: Language
) -> Iterator[AccuracyStatement]:
    station = stations.get("faces")
    if station is None:
        return
    sizes = {
        "over 50 px": spoken.text("faces over 50 pixels wide"),
        "20-50 px": spoken.text("faces of 20 to 50 pixels"),
        "10-20 px": spoken.text("faces of 10 to 20 pixels"),
        "under 10 px": spoken.text("faces below 10 pixels"),
    }
    for measure in station.measures:
        size = next((s for s in sizes if f"face {s}, probability 0.5" in measure.what), None)
        if size is not None:
            count = _of_hundred(measure.value, spoken)
            if HALFTONE in measure.what:
                rate = spoken.text(
                    "Of 100 %(faces)s of an enrolled leader, printed in visible dots, about"
                    " %(count)s are recognised.",
                    faces=sizes[size],
                    count=count,
                )
            else:
                rate = spoken.text(
                    "Of 100 %(faces)s of an enrolled leader, about %(count)s are recognised.",
                    faces=sizes[size],
                    count=count,
                )
            yield _statement("figures", rate, measure, station)
    wrong = station.of("photos without the leader where he is reported, probability 0.5")
    if wrong is not None:
        sentence = spoken.text(
            "Of 100 photos without the leader, about %(count)s are said to show him.",
            count=_of_hundred(wrong.value, spoken),
        )
        yield _statement("figures", sentence, wrong, station)


def _focus(
    stations: Mapping[str, MeasuredStation], spoken: Language
) -> Iterator[AccuracyStatement]:
    station = stations.get("focus")
    right = station.of("right where sure") if station else None
    if station is not None and right is not None:
        sentence = spoken.text(
            "Of 100 photos of state media whose focus the machine is sure of, it is right in about"
            " %(count)s.",
            count=_of_hundred(right.value, spoken),
        )
        yield _statement("focus", sentence, right, station)


def _counts(
    stations: Mapping[str, MeasuredStation], spoken: Language
) -> Iterator[AccuracyStatement]:
    station = stations.get("counts")
    exact = station.of("exact", f"state media, {PRINTED}") if station else None
    coverage = station.of("90% interval holds it", f"state media, {PRINTED}") if station else None
    if station is not None and exact is not None:
        sentence = spoken.text(
            "Of 100 printed photos with up to 15 people, the people are counted exactly in about"
            " %(count)s.",
            count=_of_hundred(exact.value, spoken),
        )
        yield _statement("counts", sentence, exact, station)
    if station is not None and coverage is not None:
        sentence = spoken.text(
            "Of 100 printed photos, the 90%% interval of the count holds the true number in about"
            " %(count)s.",
            count=_of_hundred(coverage.value, spoken),
        )
        yield _statement("counts", sentence, coverage, station)


def _intervals(
    stations: Mapping[str, MeasuredStation], spoken: Language
) -> Iterator[AccuracyStatement]:
    shares, counts = stations.get("calibration"), stations.get("photo counts")
    coverage = shares.of(COVERAGE, "editions of left-out sources, all") if shares else None
    if shares is not None and coverage is not None:
        sentence = spoken.text(
            "Of 100 intervals of shares, on newspapers that nobody trained for, about %(count)s"
            " hold the truth; they claim 95.",
            count=_of_hundred(coverage.value, spoken),
        )
        yield _statement("intervals", sentence, coverage, shares)
    counted = counts.of("photos inside the interval", "pages, real") if counts else None
    if counts is not None and counted is not None:
        sentence = spoken.text(
            "Of 100 intervals of the number of photos, on real pages, about %(count)s hold the"
            " truth; they claim 95.",
            count=_of_hundred(counted.value, spoken),
        )
        yield _statement("intervals", sentence, counted, counts)


def _statement(
    topic: str, sentence: str, measure: Measure, station: MeasuredStation
) -> AccuracyStatement:
    interval = measure.interval or wilson(measure.value, measure.n)
    return AccuracyStatement(
        topic,
        sentence,
        measure.value,
        interval,
        measure.n,
        measure.data,
        measure.method,
        station.recipe_id,
    )


def _of_hundred(share: float, spoken: Language) -> str:
    """Return how many of a hundred a share is: whole from two on, else with a digit."""
    return spoken.number(100 * share, 0 if share >= 0.02 else 1)
