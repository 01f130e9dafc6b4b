"""Writes the models and operations of ``import presslens``, from the description of the API.

``python -P -m presslens.lab.python_models`` writes ``presslens/results_*.py`` and
``operations.py``. A client of a general generator has a file for each of 280 models and 170
operations, and neither charts nor tables; models that are written by hand are a second declaration.
So the operations that scholars need are generated here, in a tenth of the lines; the transport is
``presslens.connection``.
"""

from __future__ import annotations

import keyword
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

import presslens
from presslens.app.api import links
from presslens.app.main import create_app
from presslens.app.platform.settings import Settings
from presslens.connection import spelled
from presslens.pipelines.analysis import AnalysedEdition
from presslens.pipelines.statistics.plain_regression import TableRegression

FOLDER = Path(presslens.__file__).parent
REF = "#/components/schemas/"

MODULES: dict[str, tuple[str, ...]] = {
    "editions": ("list_editions", "get_edition", "list_newspapers"),
    "compositions": ("get_composition",),
    "analysis": ("AnalysedEdition",),
    "photos": ("list_photos", "get_photo", "list_figures"),
    "statistics": ("list_metrics", "get_stats", "get_trend", "TableRegression"),
    "comparisons": ("compare_stats", "get_changes"),
    "baselines": ("get_baseline",),
    "claims": ("list_claims", "get_verdict"),
}
"""Operations, and results without one, by the module of their models.

A model that several modules need is declared in the first of them."""

PUBLIC_NAMES = {
    "CitedBaseline": "Baseline",
    "CitedChanges": "Changes",
    "CitedComparison": "Comparison",
    "CitedStatistic": "Statistic",
    "CitedTrend": "Trend",
    "PhotoEntry": "Photo",
}
"""Names in Python of models whose names in the API serve its own code."""

METHODS = {
    "list_editions": "editions",
    "get_edition": "edition",
    "get_composition": "composition",
    "list_photos": "photos",
    "get_photo": "photo",
    "list_figures": "figures",
    "list_newspapers": "newspapers",
    "list_metrics": "metrics",
    "get_stats": "share",
    "compare_stats": "compare",
    "get_changes": "changes",
    "get_trend": "trend",
    "get_baseline": "baseline",
    "list_claims": "claims",
}
"""The method of each operation; ``presslens.archive`` has one that takes a claim, too."""

FIELD_NAMES = {
    ("ClaimVerdict", "estimand"): "inference",
    ("TableRegression", "estimand"): "inference",
}
"""Names in Python of fields that say by another word of the API what an interval is about."""

LISTED = ("editions", "photos", "figures", "publications", "claims")
"""Keys of the items of listings."""

OMITTED_PARAMETERS = {"cursor", "limit", "deleted", "lang", "theme"}
"""Parameters of pagination, of the trash and of charts."""

OMITTED_MODELS = {"TrashList"}
"""Responses that no method returns."""

SHARED_FIELDS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "EstimatedMetric": (
        "The estimate of a metric.",
        "Group",
        ("value", "interval", "count", "method", "refused", "provisional", "validity"),
    ),
    "TestedDifference": (
        "A difference of a metric, and its test.",
        "MetricDifference",
        (
            "interval",
            "unadjusted",
            "p",
            "p_corrected",
            "differs",
            "method",
            "refused",
            "note",
            "provisional",
        ),
    ),
    "PhotoReadings": (
        "The readings of a photo.",
        "PhotoDocument",
        ("area_share", "subjects", "labels", "figures", "focus"),
    ),
    "PrintedText": (
        "A printed text of a page.",
        "Caption",
        ("text", "box", "source", "confidence", "not_read"),
    ),
    "EditionSelection": (
        "The coverage of the selected editions, and the editions that are left out.",
        "CitedStatistic",
        ("coverage", "left_out", "left_out_count"),
    ),
    "CitedResult": (
        "A result with the address that gives it again.",
        "CitedTrend",
        ("schema", "recipe", "permalink"),
    ),
}
"""Fields that several models share, as a base of these: its docstring, a model, and its fields."""

BASES: dict[str, tuple[str, ...]] = {
    "AnalysedEdition": ("ApiResult",),
    "Caption": ("PrintedText",),
    "CitedBaseline": ("BaselineResult",),
    "CitedChanges": ("ChangesResult", "CitedResult", "EditionSelection"),
    "CitedComparison": ("ComparisonResult", "CitedResult"),
    "CitedStatistic": ("StatisticResult", "CitedResult", "EditionSelection"),
    "CitedTrend": ("TrendResult", "CitedResult"),
    "ClaimVerdict": ("VerdictResult",),
    "Change": ("TestedDifference",),
    "ComparedGroup": ("EditionSelection",),
    "EditionComposition": ("CompositionResult", "AnalysedComposition"),
    "EditionDetails": ("ApiResult", "LibraryEdition"),
    "Group": ("EstimatedMetric",),
    "Headline": ("PrintedText",),
    "LibraryEdition": ("EditionState",),
    "MetricDifference": ("TestedDifference",),
    "MetricNames": ("NamesResult",),
    "MetricOfGroup": ("EstimatedMetric",),
    "MetricStanding": ("EstimatedMetric",),
    "PhotoDocument": ("PhotoReadings",),
    "PhotoEntry": ("PhotoReadings",),
    "ReviewedPhoto": ("PhotoResult",),
    "TableRegression": ("ApiResult",),
}
"""The bases of models: other models, all of whose fields they have, and classes of
``presslens.answers``."""


def modules() -> dict[str, str]:
    """Return the source of each module by its name."""
    schema = create_app(Settings()).openapi()
    components: dict[str, Any] = {}
    for result in (AnalysedEdition, TableRegression):
        own = TypeAdapter(result).json_schema(mode="serialization", ref_template=f"{REF}{{model}}")
        components |= {**own.pop("$defs"), result.__name__: own}
    components |= schema["components"]["schemas"]
    for name, (text, model, keys) in SHARED_FIELDS.items():
        components[name] = _selected(components[model], keys) | {"description": text}
    responses = {
        operation["operationId"]: operation["responses"]["200"]
        for path in schema["paths"].values()
        for operation in path.values()
        if "200" in operation["responses"]
    }
    homes: dict[str, str] = {}
    for module, roots in MODULES.items():
        shapes = [responses.get(root, {"$ref": f"{REF}{root}"}) for root in roots]
        for name in _closure(shapes, components):
            homes.setdefault(name, module)
    sources = {f"results_{module}": _module(module, homes, components) for module in MODULES} | {
        "operations": _operations(schema["paths"], homes, components)
    }
    return {name: _formatted(source) for name, source in sources.items()}


def _selected(model: Mapping[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    """Return a model of some fields of another one."""
    fields = {key: model["properties"][key] for key in keys}
    return {"properties": fields, "required": [key for key in keys if key in model["required"]]}


def _closure(shapes: Any, components: Mapping[str, Any]) -> list[str]:
    """Return the names of the components that shapes refer to, dependencies first."""
    names: dict[str, None] = {}

    def visit(shape: Any) -> None:
        for name in _references(shape):
            if name not in names and name not in OMITTED_MODELS:
                visit([components[name], _parents(name, components)])
                names[name] = None

    visit(shapes)
    return list(names)


def _parents(name: str, components: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return references to the models that a model inherits fields of."""
    return [{"$ref": f"{REF}{base}"} for base in BASES.get(name, ()) if base in components]


def _references(shape: Any) -> Iterator[str]:
    for key, value in shape.items() if isinstance(shape, dict) else enumerate(shape):
        if key == "$ref":
            yield value.removeprefix(REF)
        elif isinstance(value, dict | list):
            yield from _references(value)


def _module(module: str, homes: Mapping[str, str], components: Mapping[str, Any]) -> str:
    own = [name for name, home in homes.items() if home == module]
    body = "\n".join(_declared(name, components) for name in own)
    imported: dict[str, set[str]] = {"presslens.answers": {"Record"}}
    for name in own:
        for base in BASES.get(name, ()):
            if base not in components:
                imported["presslens.answers"].add(base)
        for other in _references([_own_fields(name, components), _parents(name, components)]):
            if other not in OMITTED_MODELS and homes[other] != module:
                home = f"presslens.results_{homes[other]}"
                imported.setdefault(home, set()).add(_named(other))
    typing = [name for name in ("Any", "Literal") if name in body]
    lines = [
        f'"""Results of ``import presslens`` about {module}: the models of the API."""',
        "# Written by `python -P -m presslens.lab.python_models`, from the description of the API.",
        "from __future__ import annotations",
        "import datetime as dt" if "dt." in body else "",
        f"from typing import {', '.join(typing)}" if typing else "",
        "from pydantic import Field" if "Field(" in body else "",
        *(f"from {home} import {', '.join(sorted(names))}" for home, names in imported.items()),
    ]
    return "\n".join(line for line in lines if line) + "\n\n" + body


def _operations(
    paths: Mapping[str, Any], homes: Mapping[str, str], components: Mapping[str, Any]
) -> str:
    """Return the source of the operations, a method for each."""
    operations = {
        operation["operationId"]: (path.removeprefix(links.ROOT), operation)
        for path, methods in paths.items()
        for operation in methods.values()
    }
    arguments = [one["schema"] for name in METHODS for one in _parameters(operations[name][1])]
    results = {name: _result(operations[name][1], components) for name in METHODS}
    used = {*_references(arguments), *(model for _, model in results.values())}
    imported: dict[str, list[str]] = {}
    for name in sorted(used & homes.keys()):
        imported.setdefault(homes[name], []).append(_named(name))
    lines = [
        '"""The operations of the API on an archive."""',
        "# Written by `python -P -m presslens.lab.python_models`, from the description of the API.",
        "from __future__ import annotations",
        "import datetime as dt",
        "from collections.abc import Sequence",
        "from typing import Literal",
        "from presslens.connection import Client, Items",
        *(f"from presslens.results_{home} import {', '.join(n)}" for home, n in imported.items()),
        "",
        *(_declared(name, components) for name in sorted(used - homes.keys())),
        "class Operations(Client):",
        '    """Operations on an archive; days are dates, or texts: 2025-12-16."""',
    ]
    body = "\n".join(_method(METHODS[name], *operations[name], *results[name]) for name in METHODS)
    return "\n".join(lines) + "\n" + textwrap.indent(body, "    ")


def _parameters(operation: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the parameters of an operation that its method has."""
    parameters = operation.get("parameters", ())
    return [one for one in parameters if one["name"] not in OMITTED_PARAMETERS]


def _result(operation: Mapping[str, Any], components: Mapping[str, Any]) -> tuple[str, str]:
    """Return the key and the model of the items of a listing; otherwise "" and the model."""
    content = operation["responses"]["200"]["content"]["application/json"]
    name = next(model for model in _references(content) if model not in OMITTED_MODELS)
    fields = components[name]["properties"]
    for key in LISTED:
        if operation["operationId"].startswith("list_") and key in fields:
            return key, next(_references(fields[key]))
    return "", name


def _method(name: str, path: str, operation: Mapping[str, Any], key: str, model: str) -> str:
    """Return the method of an operation; required arguments are positional."""
    parameters = _parameters(operation)
    types = {
        one["name"]: f"{spelled(one['name'])}: {_argument(one['schema'])}" for one in parameters
    }
    required = [types[one["name"]] for one in parameters if one.get("required")]
    optional = [
        f"{types[one['name']]} | None = None" for one in parameters if not one.get("required")
    ]
    arguments = ["self", *required, *(["*", *optional] if optional else [])]
    values = "locals()" if parameters else "{}"
    if key:
        is_paged = any(one["name"] == "limit" for one in operation.get("parameters", ()))
        paged = ", is_paged=True" if is_paged else ""
        result = f"Items[{_named(model)}]"
        call = f'self._list({_named(model)}, "{key}", "{path}", {values}{paged})'
    else:
        result = _named(model)
        call = f'self._answer({result}, "{path}", {values})'
    lines = [
        f"\ndef {name}({', '.join(arguments)}) -> {result}:",
        textwrap.indent(f'"""{_documentation(operation, parameters)}\n"""', "    "),
        f"    return {call}",
    ]
    return "\n".join(lines) + "\n"


def _documentation(operation: Mapping[str, Any], parameters: Sequence[Mapping[str, Any]]) -> str:
    summary = " ".join(operation["description"].partition("\n\n")[0].split())
    text = [textwrap.fill(summary.removesuffix(" CSV holds all of them."), 88)]
    text += ["", "Args:"] if parameters else []
    for one in parameters:
        meaning = f"{spelled(one['name'])}: {_sentence(one.get('description', ''))}"
        text += [textwrap.fill(meaning, 84, initial_indent="    ", subsequent_indent=" " * 8)]
    return "\n".join(text)


def _argument(shape: Mapping[str, Any]) -> str:
    """Return the type of an argument: of a day its text too, of several values one alone."""
    kinds = []
    for one in shape.get("anyOf", [shape]):
        if one.get("type") == "array":
            kinds += [_type(one["items"]), f"Sequence[{_type(one['items'])}]"]
        elif one.get("type") != "null":
            kinds += [_type(one), "str"] if one.get("format") == "date" else [_type(one)]
    return " | ".join(kinds)


def _sentence(text: str) -> str:
    text = " ".join(text.split()).rstrip(".")
    return f"{text[:1].upper()}{text[1:]}."


def _declared(name: str, components: Mapping[str, Any]) -> str:
    """Return the declaration of a model, or of the values of an enumeration."""
    model = components[name]
    if "enum" in model:
        values = ", ".join(map(repr, model["enum"]))
        return f"{_named(name)} = Literal[{values}]\n{_quoted(model, 0)}\n"
    bases = ", ".join(map(_named, BASES.get(name, ("Record",))))
    lines = [f"\nclass {_named(name)}({bases}):", _quoted(model, 4), ""]
    for key, field in _own_fields(name, components).items():
        own = FIELD_NAMES.get((name, key))
        lines.append(f"    {_field(key, field, is_required=_is_required(model, key), own=own)}")
        if field.get("description"):
            lines.append(_quoted(field, 4))
    return "\n".join(lines) + "\n"


def _own_fields(name: str, components: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a model that it does not inherit with the same documentation.

    Raises:
        ValueError: A base has a field that the model has not, or that is of another type there.
    """
    model = components[name]
    own = dict(model.get("properties", {}))
    for parent in _references(_parents(name, components)):
        base = components[parent]
        for key, inherited in base["properties"].items():
            field = model["properties"].get(key, {})
            declared = [
                _field(key, one, is_required=_is_required(of, key))
                for one, of in ((field, model), (inherited, base))
            ]
            if declared[0] != declared[1]:
                raise ValueError(f"{name} has no {declared[1]}, as its base {parent} has")
            if field.get("description") == inherited.get("description"):
                own.pop(key, None)
    return own


def _is_required(model: Mapping[str, Any], key: str) -> bool:
    return key in model.get("required", ())


def _field(key: str, field: Mapping[str, Any], *, is_required: bool, own: str | None = None) -> str:
    """Return a field by its key or its own name; a word of Python has an underscore behind it."""
    kind = _type(field)
    if not is_required and not kind.endswith("None"):
        kind = f"{kind} | None"
    if own is None and key.isidentifier() and not keyword.iskeyword(key) and key != "schema":
        return f"{key}: {kind}" + ("" if is_required else " = None")
    default = "" if is_required else "default=None, "
    return f'{own or f"{key}_"}: {kind} = Field({default}alias="{key}")'


def _named(name: str) -> str:
    return PUBLIC_NAMES.get(name, name)


SIMPLE = {
    "string": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "null": "None",
    "date": "dt.date",
    "date-time": "dt.datetime",
}


def _type(shape: Mapping[str, Any]) -> str:
    """Return the type of a field in Python."""
    if "$ref" in shape:
        return _named(shape["$ref"].removeprefix(REF))
    if "anyOf" in shape:
        kinds = dict.fromkeys(_type(one) for one in shape["anyOf"])
        return " | ".join(sorted(kinds, key=lambda kind: kind == "None"))
    if "const" in shape or "enum" in shape:
        values = shape.get("enum") or [shape["const"]]
        return f"Literal[{', '.join(map(repr, values))}]"
    kind = shape.get("type")
    if kind == "array":
        if "prefixItems" in shape:
            return f"tuple[{', '.join(_type(one) for one in shape['prefixItems'])}]"
        item = _type(shape.get("items", {}))
        size = shape.get("maxItems")
        if size is not None and size == shape.get("minItems"):
            return f"tuple[{', '.join([item] * size)}]"
        return f"list[{item}]"
    if kind == "object":
        values = shape.get("additionalProperties")
        return f"dict[str, {_type(values) if isinstance(values, dict) else 'Any'}]"
    return SIMPLE.get(shape.get("format", ""), SIMPLE.get(str(kind), "Any"))


def _quoted(shape: Mapping[str, Any], indent: int) -> str:
    """Return a description as a docstring: a sentence, and paragraphs as they are."""
    text = shape.get("description") or "A value."
    first, _, rest = text.strip().partition("\n\n")
    first = " ".join(first.split()).replace("\\", "")
    first = first if first.endswith(".") else f"{first}."
    first = first[:1].upper() + first[1:]
    head, tail = textwrap.wrap(first, 92 - indent)[:1], textwrap.wrap(first, 92 - indent)[1:]
    more = [*tail, *(["", *rest.splitlines()] if rest and indent else [])]
    if not more:
        return textwrap.indent(f'"""{head[0]}"""', " " * indent)
    lines = [f'"""{head[0]}', *more, '"""']
    return textwrap.indent("\n".join(lines), " " * indent)


def _formatted(source: str) -> str:
    """Return source as the formatter of the house writes it."""
    for command in (["check", "--select", "I", "--fix", "--quiet"], ["format", "--quiet"]):
        source = subprocess.run(  # noqa: S603 - our own formatter
            [
                sys.executable,
                "-m",
                "ruff",
                *command,
                "--stdin-filename",
                "presslens/results.py",
                "-",
            ],
            input=source,
            capture_output=True,
            text=True,
            check=True,
            cwd=FOLDER.parent,
        ).stdout
    return source


if __name__ == "__main__":
    for name, source in modules().items():
        (FOLDER / f"{name}.py").write_text(source, encoding="utf-8")
