"""What parameters and fields mean that mean the same everywhere, for the description of the API.

What means something special at one address is described there; this fills in the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from presslens.app.api import chart_response, problem
from presslens.app.api.access import LOGIN_COOKIE, PermittedRoute
from presslens.app.api.csv_response import MEDIA_TYPE as CSV
from presslens.app.api.example_values import NOBODY_S, example_values
from presslens.app.services.exports.export import PAGE_FORMATS

OVERVIEW = """Edition scans come in; photos, what each shows, and statistics with honest intervals
come out. Every number names its recipe, its denominator, its coverage and how its interval was
made. Lists and statistics are CSV too, by `Accept` or with the ending `.csv`; errors are
`application/problem+json`. From Python, `presslens.connect(address, key)` asks the same."""

NOUNS = {
    "accounts": "Who may do what: accounts, invitations, keys, links for readers, and the log.",
    "claims": "Rules over editions, and the verdicts on them.",
    "editions": "Issues of newspapers: uploads, progress, compositions.",
    "edits": "What people have changed, and how it is undone.",
    "events": "Days that charts and claims name.",
    "exports": "Tables, COCO, IIIF, page formats and snapshots.",
    "figures": "Enrolled public persons, and the photos that show them.",
    "iiif": "Pictures of pages, as the IIIF Image API has them.",
    "labels": "Measures that people have taught.",
    "newspapers": "Publications, their names and profiles.",
    "pages": "Single scans.",
    "photos": "Printed photos, each with what it shows.",
    "reviews": "What people say about photos and pages.",
    "samples": "Photos that were drawn by chance to be coded.",
    "statistics": "Shares and other metrics, compared and estimated.",
    "system": "Recipes, work and readiness.",
}
"""What operations are about: the tags of the API, which are headings of its documentation."""


PARAMETERS = {
    "a_from": "earliest edition of the first group, YYYY-MM-DD",
    "a_publication": "the newspaper of the first group",
    "a_to": "latest edition of the first group, YYYY-MM-DD",
    "account_id": "id of the account",
    "auc": "the detector's area under the ROC curve, without an archive",
    "author": "an author, Family, Given <ORCID>; Affiliation, or an organisation; may be repeated",
    "b_from": "earliest edition of the second group, YYYY-MM-DD",
    "b_publication": "the newspaper of the second group",
    "b_to": "latest edition of the second group, YYYY-MM-DD",
    "break": "the day on which level and slope change, YYYY-MM-DD",
    "budget": "how many photos to draw",
    "by": "the groups: none, edition, week (ISO 8601), month, year, weekday, publication or pages",
    "change": "the difference that is to be shown, 0–1",
    "claim_id": "id of a version of a claim",
    "coder": "who reviews, by the name that coders use",
    "correction": "how the intervals of several comparisons hold together: bonferroni or bh",
    "cursor": "`next` of the listing before; without it, the listing begins",
    "drawn": "how many photos are drawn and answered",
    "edit_id": "id of the edit",
    "edition": "id of the only edition",
    "edition_id": "id of the edition",
    "editions": "number of editions, without an archive",
    "estimand": "the share that is meant of several editions: of all photos, or the editions' mean",
    "event_id": "id of the event",
    "figure_id": "id of the figure",
    "file": "quality and format of the picture: `default.jpg`",
    "format": "csv, json (one object a line) or parquet",
    "flag_id": "id of the flag",
    "from": "earliest edition, YYYY-MM-DD",
    "identifier": "id of the page",
    "inference": "whether these editions are described, or the newspaper's practice is inferred",
    "key": "the key",
    "kind": "how photos are drawn",
    "level": "largest probability of a wrong verdict, above 0 up to 0.5; 0.05 is 5 %",
    "limit": "largest number of items of the listing",
    "measure": "children, leader, figure:NAME, label:NAME, …",
    "metric": "`children`, `photos`, `pages`, …; with zone and weight `children@front/area`",
    "of": "what a study asks: share, difference or trend",
    "on": "whose canvases annotations are about: the library's, or those here",
    "page": "the part of each edition: all, front, inside, above_fold or lead",
    "page_id": "id of the page",
    "pages": "editions with this number of pages alone",
    "photo_id": "id of the photo",
    "photos": "number of photos of an edition, without an archive",
    "publication": "name of the newspaper, or an alias of it",
    "publication_id": "id of the newspaper",
    "recipe": "id of a recipe, or its first digits; without it, that of today",
    "reference_id": "id of the reference photo",
    "region": "the part of the picture: `full`, `square`, `x,y,w,h` or `pct:x,y,w,h`",
    "review_id": "id of the review",
    "rotation": "clockwise, in degrees; with `!`, mirrored first",
    "sample_id": "id of the sample",
    "searched": "pairs of groups that this one was chosen from, as a change is; usually 1",
    "seed": "the same seed draws the same photos again",
    "share": "the share of photos that is foreseen, 0–1, without an archive",
    "size": "the size of the picture: `max`, `w,`, `,h`, `w,h` or `!w,h`",
    "threshold": "probability from which a photo counts as showing it, in ways that count photos",
    "to": "latest edition, YYYY-MM-DD",
    "training_id": "id of the training round",
    "weekday": "1 is Monday, 7 Sunday; may be repeated",
    "weight": "how a photo weighs: count, each as one, or area, by the printed area",
    "width": "the wished width of the interval, 0–1",
    "withdrawn": "reviews that were taken back too",
    "zone": "the parts of each edition; may be repeated",
}
"""Parameters by their name."""

FIELDS = {
    "adjudicates": "the coder decides where others disagree",
    "answers": "true or false for each measure that was looked at",
    "box": "x0, y0, x1, y1: pixels of the page; where it marks a missed photo, shares of the page",
    "checked": "the whole page was looked through: its count is exact",
    "choices": "what can be done: `mode` is what to send again",
    "coder": "who answers",
    "coders": "who codes",
    "column": "where in a rule, from 1",
    "correction": "holm, bonferroni: one wrong verdict among all; bh: a part of those decided",
    "date": "the day, YYYY-MM-DD",
    "deleted_at": "when it was deleted",
    "deleted_by": "who deleted it",
    "detail": "what was wrong, in a sentence",
    "draft": "it is a question: listed with no claims before it is kept or frozen",
    "edition": "id of the edition that is meant",
    "editions": "the editions that are there, with their pages and when they were uploaded",
    "errors": "what was wrong with each field",
    "estimand": "about these editions, or the newspaper's practice",
    "face": "number of the face, 0 being the largest",
    "field": "the field",
    "file": "the file",
    "files": "the files",
    "focus": "what the photo is composed around",
    "from": "the first day, YYYY-MM-DD",
    "items": "how many to draw",
    "key": "names the claim through its versions: small letters, digits and hyphens",
    "keys": "keys of the claims; without it, all",
    "leader_attended": "whether the leader was there",
    "marks": "what is said of found and of missed photos",
    "measures": "children, leader, figure:NAME, label:NAME, …",
    "message": "what was wrong with it",
    "mode": "what is done where the day has an edition already: add, replace or separate",
    "more": "how many to draw beside those that are drawn",
    "later_edit": "id of the edit that stands in the way: undo that one first",
    "name": "the name",
    "note": "a remark",
    "number": "number of the page, from 1",
    "page": "the part of each edition",
    "page_numbers": "numbers of the pages that are there, `1,3,5-8` for instance",
    "pages_expected": "pages that the edition had, if some are missing",
    "photo": "id of the found photo; without it, one was missed",
    "photo_id": "id of the photo",
    "place": "where it was",
    "publication": "name of the newspaper",
    "recipe": "freeze the recipe of today too",
    "repeat": "share of the photos that each coder is shown again, for the coder's own constancy",
    "restore": "the address that restores it, by POST",
    "role": "leader, heir, official or other",
    "rule": "the rule, `photos > 100` for instance",
    "second": "share of the items that a second coder answers too",
    "seed": "the same seed draws the same again",
    "source": "who says so, and where",
    "statement": "the claim in words",
    "status": "the HTTP status",
    "title": "what it is, in a few words",
    "to": "the last day, YYYY-MM-DD",
    "type": "the kind of problem",
    "weight": "how a photo weighs: count or area",
    "width": "the wished width of the interval",
}
"""Fields of request bodies and problems by their name."""


def describe(schema: dict[str, Any]) -> None:
    """Describe the parameters and fields of an OpenAPI schema that nobody has described."""
    values = example_values(NOBODY_S)
    components = schema.get("components", {}).get("schemas", {})
    for parameter in parameters_of(schema):
        if not parameter.get("description") and parameter["name"] in PARAMETERS:
            parameter["description"] = PARAMETERS[parameter["name"]]
        value = _fitting(values.get(parameter["name"]), parameter["schema"], components)
        if value is not None:
            parameter["example"] = value
    for component in taken_components(schema).values():
        for name, field in component.get("properties", {}).items():
            if not field.get("description") and name in FIELDS:
                field["description"] = FIELDS[name]


def _fitting(value: Any, shape: dict[str, Any], components: dict[str, Any]) -> Any:
    """Return an example as a parameter takes it, alone or in a list; None if it takes no such."""
    for one in shape.get("anyOf", [shape]):
        one = components[one["$ref"].rpartition("/")[2]] if "$ref" in one else one
        inner = one.get("type") == "array" and _fitting(value, one["items"], components)
        if inner:
            return [inner]
        kind = {"string": str, "integer": int}.get(one.get("type", ""))
        if kind is not None and isinstance(value, kind) and value in one.get("enum", [value]):
            return value
    return None


def taken_components(schema: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the components of request bodies and problems; answers describe themselves."""
    components = schema.get("components", {}).get("schemas", {})
    operations = [one for path in schema.get("paths", {}).values() for one in path.values()]
    names = {"Problem", *_references([one.get("requestBody") for one in operations])}
    while more := set(_references([components.get(name) for name in names])) - names:
        names |= more
    return {name: components[name] for name in names if name in components}


def _references(part: Any) -> Iterator[str]:
    """Yield the names of the components that a part of a schema refers to."""
    for key, value in part.items() if isinstance(part, dict) else enumerate(part):
        if key == "$ref":
            yield value.rpartition("/")[2]
        elif isinstance(value, dict | list):
            yield from _references(value)


def describe_forms(schema: dict[str, Any]) -> None:
    """Say of the forms of an OpenAPI schema that they have no other fields, and none that is null.

    A form has texts and files alone: what is not known is left out, or empty, as browsers send it.
    """
    components = schema.get("components", {}).get("schemas", {})
    for name, form in components.items():
        if name.startswith("Body_"):
            form["additionalProperties"] = False
            for field in form["properties"].values():
                if "anyOf" in field:
                    field["anyOf"] = [
                        {key: value for key, value in one.items() if key != "minLength"}
                        for one in field["anyOf"]
                        if one != {"type": "null"}
                    ]


def parameters_of(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield all parameters of the operations of an OpenAPI schema."""
    for operations in schema.get("paths", {}).values():
        for operation in operations.values():
            yield from operation.get("parameters", ())


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
    "export_annotations": (ZIP,),
    "export_coco": (JSON, ZIP),
    "export_csv": (ZIP, CSV),
    "export_iiif": (JSON_LD,),
    "export_json": (ZIP, NDJSON),
    "export_label_studio": (ZIP,),
    "export_mets": (ZIP,),
    "export_parquet": (ZIP, PARQUET),
    "export_photos": (CSV, NDJSON, PARQUET),
    "export_snapshot": (ZIP,),
    "get_edition_annotations": (JSON_LD,),
    "get_iiif_image_information": (JSON, JSON_LD),
    "get_manifest": (JSON_LD,),
    "get_page_annotations": (JSON_LD,),
    "search_edition": (JSON_LD,),
    "search_edition_by_version_1": (JSON_LD,),
    "suggest_terms": (JSON_LD,),
}
"""What other operations answer, where that is not JSON alone."""

REPEATED = {
    "add_claim": "The same claim was there already",
    "add_event": "The same event was there already",
    "freeze_claim": "It was frozen already",
}
"""Operations that answer 200 where there is nothing to create, and why."""


PROBLEM = {"schema": {"$ref": "#/components/schemas/Problem"}}

FOREIGN: dict[str, dict[str, Any]] = {
    "CocoDataset": {
        "type": "object",
        "description": "a dataset of COCO: boxes of photos, persons and things on pages",
        "externalDocs": {"url": "https://cocodataset.org/#format-data"},
        "required": ["images", "annotations", "categories"],
        "properties": {
            name: {"type": "array", "items": {"type": "object"}}
            for name in ("images", "annotations", "categories")
        },
    },
    "IiifDocument": {
        "type": "object",
        "description": "a document of the IIIF APIs, or one of W3C annotations",
        "externalDocs": {"url": "https://iiif.io/api/"},
        "required": ["@context", "id", "type"],
        "properties": {
            "@context": {"type": ["string", "array"], "items": {"type": "string"}},
            "id": {"type": "string"},
            "type": {"type": "string"},
        },
    },
    "IiifAnnotationList": {
        "type": "object",
        "description": "a list of annotations of version 2 of IIIF",
        "externalDocs": {"url": "https://iiif.io/api/search/1.0/"},
        "required": ["@context", "@id", "@type", "resources"],
        "properties": {
            "@context": {"type": "array", "items": {"type": "string"}},
            "@id": {"type": "string"},
            "@type": {"type": "string"},
            "resources": {"type": "array", "items": {"type": "object"}},
        },
    },
    "VegaLiteSpecification": {
        "type": "object",
        "description": "a chart",
        "externalDocs": {"url": "https://vega.github.io/vega-lite/docs/spec.html"},
        "required": ["$schema"],
        "properties": {"$schema": {"type": "string", "format": "uri"}},
    },
}
"""Documents whose formats others define."""

OF_A_PHOTO = "{photo_id}"
MOVED = {"description": "The photo that was asked for is one with another address: see Location"}
"""What reading answers of a photo that was joined with another one; see ``photo_address``."""


def describe_answers(schema: dict[str, Any]) -> None:
    """Complete the answers of an OpenAPI schema: their media types, and the shape of errors."""
    schema.setdefault("components", {}).setdefault("schemas", {}).update(FOREIGN)
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
                typed = answers["200"].get("content", {}).get(JSON, {"schema": {}})
                answers["200"]["content"] = {
                    kind: typed if typed["schema"] and kind == JSON else _shape(kind, path)
                    for kind in kinds
                }


def _kinds(path: str, name: str, *, twin: bool) -> tuple[str, ...]:
    """Return the media types of an operation; none where its route declares them."""
    file = path.rpartition("/")[2]
    kind = ENDINGS.get(file.partition(".")[2])
    if kind is not None:
        return (kind,)
    return TYPES.get(name) or ((JSON, CSV) if twin else ())


def _shape(kind: str, path: str) -> dict[str, Any]:
    if kind not in (JSON, JSON_LD):
        return {"schema": {"type": "string"}}
    names = {
        "vl.json": "VegaLiteSpecification",
        "coco": "CocoDataset",
        "search-1.json": "IiifAnnotationList",
    }
    file = path.rpartition("/")[2]
    name = names.get(file, names.get(file.partition(".")[2], "IiifDocument"))
    return {"schema": {"$ref": f"#/components/schemas/{name}"}}


SCHEMES = {
    "key": {
        "type": "http",
        "scheme": "bearer",
        "description": "a key, `pl_…`: see `POST /api/v1/keys` or `presslens keys add`",
    },
    "login": {
        "type": "apiKey",
        "in": "cookie",
        "name": LOGIN_COOKIE,
        "description": "the login of a browser, at `/login`",
    },
}
EITHER: list[dict[str, list[str]]] = [{}, {"key": []}, {"login": []}]
"""Without any of them where the installation asks for none: on loopback, unless it is told to."""


def describe_access(schema: dict[str, Any], routes: Iterable[tuple[str, PermittedRoute]]) -> None:
    """Say of each operation of an OpenAPI schema which permission it asks for.

    Args:
        routes: The addresses of routes, and the routes.
    """
    schema.setdefault("components", {})["securitySchemes"] = SCHEMES
    for address, route in routes:
        path = address.removesuffix(route.path) + route.path_format
        operations = schema["paths"].get(path, {})
        for method in {name.upper() for name in operations} & (route.methods or set()):
            if route.permission is not None:
                operations[method.lower()] |= {
                    "security": EITHER,
                    "x-permission": route.permission.value,
                }
