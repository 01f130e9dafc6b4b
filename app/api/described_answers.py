"""What operations answer, for the description of the API: media types, and the shape of errors.

An address ends with what it answers, and one that has a twin with the ending ``.csv`` answers CSV
to whoever accepts it. What neither tells stands in ``TYPES``.
"""

from __future__ import annotations

from typing import Any

from presslens.app.api import chart_response, problem
from presslens.app.api.csv_response import MEDIA_TYPE as CSV
from presslens.app.services.exports.export import PAGE_FORMATS

JSON, JSON_LD, ZIP = "application/json", "application/ld+json", "application/zip"
NDJSON, PARQUET = "application/x-ndjson", "application/vnd.apache.parquet"

ENDINGS = {
    "csv": CSV,
    "ndjson": NDJSON,
    "parquet": PARQUET,
    "zip": ZIP,
    chart_response.VEGA_LITE: JSON,
    **chart_response.MEDIA_TYPES,
}
"""What addresses answer, by their endings."""

TYPES = {
    **{f"export_{name}": (ZIP,) for name in PAGE_FORMATS},
    "export_coco": (JSON, ZIP),
    "export_csv": (ZIP, CSV),
    "export_iiif": (JSON_LD,),
    "export_json": (ZIP, NDJSON),
    "export_label_studio": (ZIP,),
    "export_parquet": (ZIP, PARQUET),
    "export_photos": (CSV, NDJSON, PARQUET),
    "export_snapshot": (ZIP,),
    "get_iiif_image_information": (JSON, JSON_LD),
    "get_manifest": (JSON_LD,),
    "get_page_annotations": (JSON_LD,),
}
"""What other operations answer, where that is not JSON alone."""

REPEATED = {
    "add_claim": "The same claim was there already",
    "add_event": "The same event was there already",
    "freeze_claim": "It was frozen already",
}
"""Operations that answer 200 where there is nothing to create, and why."""


PROBLEM = {"schema": {"$ref": "#/components/schemas/Problem"}}

OF_A_PHOTO = "{photo_id}"
MOVED = {"description": "The photo that was asked for is one with another address: see Location"}
"""What reading answers of a photo that was joined with another one; see ``photo_address``."""


def describe_answers(schema: dict[str, Any]) -> None:
    """Complete the answers of an OpenAPI schema: their media types, and the shape of errors."""
    paths: dict[str, dict[str, Any]] = schema.get("paths", {})
    for path, operations in paths.items():
        for method, operation in operations.items():
            answers = operation["responses"]
            for status in problem.RESPONSES:
                answers[str(status)]["content"] = {problem.MEDIA_TYPE: PROBLEM}
            name = operation["operationId"]
            if name in REPEATED:
                answers["200"] = {**answers["201"], "description": REPEATED[name]}
            if method == "get" and OF_A_PHOTO in path:
                answers["301"] = dict(MOVED)
            twin = method == "get" and f"{path}.csv" in paths
            if kinds := _kinds(path, name, twin=twin):
                typed = answers["200"].get("content", {}).get(JSON)
                answers["200"]["content"] = {
                    kind: typed if typed and kind == JSON else _shape(kind) for kind in kinds
                }


def _kinds(path: str, name: str, *, twin: bool) -> tuple[str, ...]:
    """Return the media types of an operation; none where its route declares them."""
    file = path.rpartition("/")[2]
    kind = ENDINGS.get(file.partition(".")[2])
    if kind is not None:
        return (kind,)
    return TYPES.get(name) or ((JSON, CSV) if twin else ())


def _shape(kind: str) -> dict[str, Any]:
    return {"schema": {}} if kind in (JSON, JSON_LD) else {"schema": {"type": "string"}}
