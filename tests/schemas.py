"""The published schemas in tests/data/schemas, and what a document breaks of them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import jsonschema
from lxml import etree

SCHEMAS = Path(__file__).parent / "data" / "schemas"

ALTO_2 = "http://www.loc.gov/standards/alto/ns-v2#"
ALTO_3 = "http://www.loc.gov/standards/alto/ns-v3#"
ALTO_4 = "http://www.loc.gov/standards/alto/ns-v4#"
PAGE_2013 = "http://schema.primaresearch.org/PAGE/gts/pagecontent/2013-07-15"
PAGE_2019 = "http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15"


def broken_json_rules(document: object, schema: str) -> list[str]:
    """Name what ``document`` breaks of a JSON schema, by the name of its file."""
    validator = jsonschema.validators.validator_for(rules := json.loads(
        (SCHEMAS / schema).read_text(encoding="utf-8")
    ))(rules, format_checker=jsonschema.FormatChecker())  # fmt: skip
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document)]


def broken_rules(document: bytes) -> list[str]:
    """Name what ``document`` (METS, ALTO or PAGE-XML, by its namespace) breaks of its schema."""
    tree = etree.fromstring(document)
    namespace = etree.QName(tree).namespace or ""
    schema = _schema(namespace)
    if schema.validate(tree):
        return []
    return [
        f"line {entry.line}: {entry.message}" for entry in schema.error_log.filter_from_errors()
    ]


@cache
def _schema(namespace: str) -> etree.XMLSchema | etree.RelaxNG:
    """Read the schema of ``namespace``; the older versions of ALTO and PAGE by the newest's."""
    if namespace == "http://www.loc.gov/METS/":
        return etree.XMLSchema(etree.parse(SCHEMAS / "mets.xsd"))
    if "/alto/" in namespace:
        grammar = (SCHEMAS / "alto.rng").read_text().replace(ALTO_4, namespace)
        return etree.RelaxNG(etree.fromstring(grammar.encode()))
    schema = (SCHEMAS / "page-2019-07-15.xsd").read_text()
    return etree.XMLSchema(etree.fromstring(schema.replace(PAGE_2019, namespace).encode()))
