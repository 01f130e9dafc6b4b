"""How each number is made, how good the machine is, and what counts as what."""

from __future__ import annotations

import json
from typing import Any

from fastapi import Response

from presslens.app.api.access import needs
from presslens.app.api.params import Home
from presslens.app.platform.language import language
from presslens.app.platform.permissions import Permission
from presslens.app.web.accuracy import statements
from presslens.app.web.citation import citation
from presslens.app.web.markdown import rendered
from presslens.app.web.page_router import PageRouter, Render, Rows
from presslens.models.measured import load_reliability, load_stations

router = PageRouter()

COLUMNS = ("station", "what", "data", "n", "value", "low", "high", "method", "recipe")


@router.page("/method")
@needs(Permission.READ)
def show_method(home: Home, render: Render) -> Response:
    """Show how each number is made, and what was measured of the weights in use."""
    spoken = language(render.code)
    said = statements(spoken)
    diagrams = load_reliability()
    recipe = home.recipe
    return render(
        "method.html",
        document=lambda: {
            "recipe": recipe.id,
            "codebook": recipe.codebook,
            "accuracy": [one.to_json() for one in said],
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
            (topic, [one for one in said if one.topic == topic])
            for topic in dict.fromkeys(one.topic for one in said)
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
