"""Writes the models and questions of ``import presslens``, from the description of the API.

``python -m presslens.lab.python_models`` writes ``presslens/results_*.py`` and ``questions.py``. A
client that a program of others generates has a file for each of 280 models and 170 operations, and
no charts and tables; models that are written by hand are a second declaration. So what scholars ask
is generated here, in a tenth of the lines, and how it is asked stands in ``presslens.connection``.
"""

from __future__ import annotations

import keyword
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Mapping
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

MOST = 200
"""Items that are asked for at a time."""

FOLDER = Path(presslens.__file__).parent
REF = "#/components/schemas/"

MODULES: dict[str, tuple[str, ...]] = {
    "editions": ("list_editions", "get_edition"),
    "compositions": ("get_composition",),
    "analysis": ("AnalysedEdition",),
    "photos": ("list_photos", "get_photo"),
    "figures": ("list_figures",),
    "newspapers": ("list_newspapers",),
    "statistics": ("list_metrics", "get_stats"),
    "comparisons": ("compare_stats", "get_changes"),
    "trends": ("get_trend",),
    "baselines": ("get_baseline",),
    "regression": ("TableRegression",),
    "claims": ("list_claims", "get_verdict"),
}
"""Operations, and results without one, by the module that has the models of their answers.

A model stands in the first module that needs it."""

NAMES = {
    "CitedBaseline": "Baseline",
    "CitedChanges": "Changes",
    "CitedComparison": "Comparison",
    "CitedStatistic": "Statistic",
    "CitedTrend": "Trend",
    "PhotoEntry": "Photo",
}
"""Names for readers, where those of the API are made for its own code."""

QUESTIONS = {
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
    "get_verdict": "verdict",
}
"""The method of each operation."""

LISTED = ("editions", "photos", "figures", "publications", "claims")
"""Keys of the items of listings."""

UNASKED = {"cursor", "limit", "deleted", "lang", "theme"}
"""Parameters of pages of listings, of the trash and of pictures."""

LEFT_OUT = {"TrashList"}
"""Answers of an operation that nobody asks for from Python."""

BASES = {
    "EditionDetails": "ApiResult",
    "MetricNames": "ApiResult",
    "ReviewedPhoto": "ApiResult",
    "AnalysedEdition": "ApiResult",
    "TableRegression": "ApiResult",
    "CitedBaseline": "OfMetrics",
    "CitedChanges": "OfChanges",
    "CitedComparison": "OfComparisons",
    "CitedStatistic": "OfGroups",
    "CitedTrend": "OfCoefficients",
    "ClaimVerdict": "OfVerdict",
    "EditionComposition": "OfShares",
}
"""What a result can do beside holding values, in ``presslens.answers``."""


def modules() -> dict[str, str]:
    """Return the source of each module by its name."""
    schema = create_app(Settings()).openapi()
    components: dict[str, Any] = {}
    for result in (AnalysedEdition, TableRegression):
        own = TypeAdapter(result).json_schema(mode="serialization", ref_template=f"{REF}{{model}}")
        components |= {**own.pop("$defs"), result.__name__: own}
    components |= schema["components"]["schemas"]
    answers = {
        operation["operationId"]: operation["responses"]["200"]
        for path in schema["paths"].values()
        for operation in path.values()
        if "200" in operation["responses"]
    }
    homes: dict[str, str] = {}
    for module, operations in MODULES.items():
        for name in _closure(
            [answers.get(one, {"$ref": f"{REF}{one}"}) for one in operations], components
        ):
            homes.setdefault(name, module)
    written = {f"results_{module}": _module(module, homes, components) for module in MODULES} | {
        "questions": _questions(schema["paths"], homes, components)
    }
    return {name: _formatted(source) for name, source in written.items()}


def _closure(parts: Any, components: Mapping[str, Any]) -> list[str]:
    """Return the names of the components that a part refers to, each after those it needs."""
    found: dict[str, None] = {}

    def visit(part: Any) -> None:
        for name in _references(part):
            if name not in found and name not in LEFT_OUT:
                visit(components[name])
                found[name] = None

    visit(parts)
    return list(found)


def _references(part: Any) -> Iterator[str]:
    for key, value in part.items() if isinstance(part, dict) else enumerate(part):
        if key == "$ref":
            yield value.removeprefix(REF)
        elif isinstance(value, dict | list):
            yield from _references(value)


def _module(module: str, homes: Mapping[str, str], components: Mapping[str, Any]) -> str:
    own = [name for name, home in homes.items() if home == module]
    classes = [_declared(name, components[name]) for name in own]
    body = "\n".join(classes)
    imported: dict[str, set[str]] = {}
    for name in _references([components[one] for one in own]):
        if name not in LEFT_OUT and homes[name] != module:
            imported.setdefault(f"presslens.results_{homes[name]}", set()).add(_named(name))
    bases = {BASES.get(name, "Record") for name in own if "enum" not in components[name]}
    imported["presslens.answers"] = bases
    lines = [
        f'"""Results of ``import presslens`` about {module}: the models of the API."""',
        "# Written by `python -m presslens.lab.python_models`, from the description of the API.",
        "from __future__ import annotations",
        "import datetime as dt" if "dt." in body else "",
        f"from typing import {', '.join(n for n in ('Any', 'Literal') if n in body)}"
        if "Any" in body or "Literal" in body
        else "",
        "from pydantic import Field" if "Field(" in body else "",
        *(f"from {home} import {', '.join(sorted(names))}" for home, names in imported.items()),
    ]
    return "\n".join(line for line in lines if line) + "\n\n" + body


def _questions(
    paths: Mapping[str, Any], homes: Mapping[str, str], components: Mapping[str, Any]
) -> str:
    """Return the source of what can be asked, a method for each operation."""
    operations = {
        operation["operationId"]: (path.removeprefix(links.ROOT), operation)
        for path, methods in paths.items()
        for operation in methods.values()
    }
    given = [
        one["schema"]
        for name in QUESTIONS
        for one in operations[name][1].get("parameters", ())
        if one["name"] not in UNASKED
    ]
    answers = {name: _answer(operations[name][1], components) for name in QUESTIONS}
    used = {*_references(given), *(result for _, result in answers.values())}
    imported: dict[str, list[str]] = {}
    for name in sorted(used & homes.keys()):
        imported.setdefault(homes[name], []).append(_named(name))
    lines = [
        '"""What can be asked of an archive: operations of the API."""',
        "# Written by `python -m presslens.lab.python_models`, from the description of the API.",
        "from __future__ import annotations",
        "import datetime as dt",
        "from collections.abc import Sequence",
        "from typing import Literal",
        "from presslens.connection import Inquiry, Items",
        *(f"from presslens.results_{home} import {', '.join(n)}" for home, n in imported.items()),
        "",
        *(_declared(name, components[name]) for name in sorted(used - homes.keys())),
        "class Questions(Inquiry):",
        '    """Questions to an archive; days are dates, or texts: 2025-12-16."""',
    ]
    body = "\n".join(
        _method(QUESTIONS[name], *operations[name], *answers[name]) for name in QUESTIONS
    )
    return "\n".join(lines) + "\n" + textwrap.indent(body, "    ")


def _answer(operation: Mapping[str, Any], components: Mapping[str, Any]) -> tuple[str, str]:
    """Return the key and the model of the items of a listing; of others "" and the model."""
    content = operation["responses"]["200"]["content"]["application/json"]
    name = next(one for one in _references(content) if one not in LEFT_OUT)
    fields = components[name]["properties"]
    for key in LISTED:
        if operation["operationId"].startswith("list_") and key in fields:
            return key, next(_references(fields[key]))
    return "", name


def _method(name: str, path: str, operation: Mapping[str, Any], key: str, item: str) -> str:
    """Return a method that asks an operation; what it must be given goes first."""
    given = [one for one in operation.get("parameters", ()) if one["name"] not in UNASKED]
    must = [one for one in given if one.get("required")]
    may = [one for one in given if not one.get("required")]
    words = {one["name"]: spelled(one["name"]) for one in given}
    arguments = [f"{words[one['name']]}: {_argument(one['schema'])}" for one in must]
    arguments += ["*"] if may else []
    arguments += [f"{words[one['name']]}: {_argument(one['schema'])} | None = None" for one in may]
    result = f"Items[{_named(item)}]" if key else _named(item)
    call = f'self._list({_named(item)}, "{key}", ' if key else f"self._answer({_named(item)}, "
    for one in must:
        path = path.replace(f"{{{one['name']}}}", f"{{{words[one['name']]}}}")
    asked = [f'"{one["name"]}": {words[one["name"]]}' for one in given if one["in"] == "query"]
    if any(one["name"] == "limit" for one in operation.get("parameters", ())):
        asked += [f'"limit": {MOST}']
    paragraphs = [" ".join(part.split()) for part in operation["description"].split("\n\n")]
    text = [textwrap.fill(paragraphs[0].removesuffix(" CSV holds all of them."), 88)]
    text += ["", "Args:"] * bool(given)
    for one in given:
        meaning = f"{words[one['name']]}: {_sentence(one.get('description', ''))}"
        text += [textwrap.fill(meaning, 84, initial_indent="    ", subsequent_indent=" " * 8)]
    lines = [
        f"\ndef {name}({', '.join(['self', *arguments])}) -> {result}:",
        textwrap.indent('"""' + "\n".join(text) + '\n"""', "    "),
        f'    return {call}{"f" if "{" in path else ""}"{path}", {{{", ".join(asked)}}})',
    ]
    return "\n".join(lines) + "\n"


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


def _declared(name: str, shape: Mapping[str, Any]) -> str:
    """Return the declaration of a model, or of the values that a text may have."""
    if "enum" in shape:
        values = ", ".join(map(repr, shape["enum"]))
        return f"{_named(name)} = Literal[{values}]\n{_quoted(shape, 0)}\n"
    required = set(shape.get("required", ()))
    lines = [f"\nclass {_named(name)}({BASES.get(name, 'Record')}):", _quoted(shape, 4), ""]
    for key, field in shape.get("properties", {}).items():
        lines.append(f"    {_field(key, field, is_required=key in required)}")
        if field.get("description"):
            lines.append(_quoted(field, 4))
    return "\n".join(lines) + "\n"


def _field(key: str, field: Mapping[str, Any], *, is_required: bool) -> str:
    """Return a field; one whose key is a word of Python has an underscore behind it."""
    kind = _type(field)
    if not is_required and not kind.endswith("None"):
        kind = f"{kind} | None"
    if key.isidentifier() and not keyword.iskeyword(key) and key != "schema":
        return f"{key}: {kind}" + ("" if is_required else " = None")
    default = "" if is_required else "default=None, "
    return f'{key}_: {kind} = Field({default}alias="{key}")'


def _named(name: str) -> str:
    return NAMES.get(name, name)


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
