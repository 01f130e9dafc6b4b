"""Checks IIIF Presentation 3 resources against the MUSTs of the specification.

https://iiif.io/api/presentation/3.0/ , sections 3 and 5, and appendix A. There is no validator of
it for Python that goes with this project's other packages.
"""

import re
from datetime import datetime
from urllib.parse import urlsplit

CONTEXT = "http://iiif.io/api/presentation/3/context.json"
SEARCH = "http://iiif.io/api/search/2/context.json"
REQUIRED = {
    "Collection": {"id", "type", "label", "items"},
    "Manifest": {"id", "type", "label", "items"},
    "Canvas": {"id", "type", "height", "width", "items"},
    "AnnotationPage": {"id", "type", "items"},
    "Annotation": {"id", "type", "target", "motivation"},
}
ALLOWED = {
    "Collection": {"label", "summary", "metadata", "requiredStatement", "navDate", "items",
        "partOf"},
    "Manifest": {"label", "summary", "metadata", "requiredStatement", "navDate", "items",
        "viewingDirection", "behavior", "annotations", "thumbnail", "rights", "provider",
        "homepage", "seeAlso", "rendering", "partOf", "service"},
    "Canvas": {"label", "height", "width", "items", "annotations", "metadata", "thumbnail"},
    "AnnotationPage": {"label", "items"},
    "Annotation": {"target", "motivation", "body", "generator", "label"},
}  # fmt: skip
ITEMS = {"Manifest": {"Canvas"}, "Collection": {"Manifest", "Collection"},
    "Canvas": {"AnnotationPage"}, "AnnotationPage": {"Annotation"}}  # fmt: skip
LINKED = {"homepage": {"id", "type", "label"}, "rendering": {"id", "type", "label"},
    "seeAlso": {"id", "type"}, "partOf": {"id", "type"}, "provider": {"id", "type", "label"},
    "thumbnail": {"id", "type"}, "service": {"id", "type"}}  # fmt: skip
"""What resources that others name have to have."""
RIGHTS = re.compile(
    r"http://(creativecommons\.org/(licenses|publicdomain)/.+/|rightsstatements\.org/vocab/.+)"
)
LANGUAGE = re.compile(r"none|[a-z]{2,3}(-[A-Za-z0-9]+)*")
REGION = re.compile(r"xywh=(\d+),(\d+),(\d+),(\d+)")


def check(document):
    """Raise AssertionError where a document breaks the specification; return its annotations."""
    assert document["@context"] in (CONTEXT, [SEARCH, CONTEXT])
    assert next(iter(document)) == "@context"
    seen, annotations = set(), []
    _resource(document, seen, annotations, top=True, canvas=None)
    return annotations


def _resource(node, seen, annotations, *, top, canvas):
    kind = node["type"]
    assert node.keys() >= REQUIRED[kind], (kind, REQUIRED[kind] - node.keys())
    extra = node.keys() - ALLOWED[kind] - {"id", "type", "@context"}
    assert not extra, (kind, extra)
    assert top or "@context" not in node
    address = urlsplit(node["id"])
    assert address.scheme in ("http", "https")
    assert address.netloc
    assert "#" not in node["id"]
    assert node["id"] not in seen, f"{node['id']} is there twice"
    seen.add(node["id"])
    _descriptive(node)
    if kind == "Canvas":
        assert all(type(node[side]) is int and node[side] > 0 for side in ("width", "height"))
        canvas = node
    if kind == "Annotation":
        _annotation(node, canvas)
        annotations.append(node)
        return
    assert isinstance(node["items"], list)
    if kind in ("Manifest", "Canvas"):
        assert node["items"]
    for item in node["items"]:
        assert item["type"] in ITEMS[kind]
        if kind == "Collection":
            assert item.keys() >= {"id", "type", "label"}
            _descriptive(item)
        else:
            _resource(item, seen, annotations, top=False, canvas=canvas)
    for page in node.get("annotations", []):
        assert page["type"] == "AnnotationPage"
        _resource(page, seen, annotations, top=False, canvas=canvas)
        assert all("painting" not in item["motivation"] for item in page["items"])
    if kind == "Canvas":
        assert all(
            item["motivation"] == "painting" for page in node["items"] for item in page["items"]
        )


def _descriptive(node):
    for name in ("label", "summary"):
        if name in node:
            _language_map(node[name])
    stated = [node["requiredStatement"]] if "requiredStatement" in node else []
    for pair in [*node.get("metadata", []), *stated]:
        assert pair.keys() == {"label", "value"}
        _language_map(pair["label"])
        _language_map(pair["value"])
    if "navDate" in node:
        assert datetime.fromisoformat(node["navDate"]).tzinfo is not None
    if "behavior" in node:
        assert isinstance(node["behavior"], list)
    if "rights" in node:
        assert RIGHTS.fullmatch(node["rights"])
    for name, required in LINKED.items():
        assert name not in node or node[name], name
        for linked in node.get(name, []):
            of_version_2 = {key.removeprefix("@") for key in linked} if name == "service" else ()
            assert required <= (of_version_2 or linked.keys()), name
            assert urlsplit(linked.get("id", linked.get("@id"))).scheme in ("http", "https")
            _descriptive(linked)


def _language_map(value):
    assert value
    for language, texts in value.items():
        assert LANGUAGE.fullmatch(language)
        assert isinstance(texts, list)
        assert texts
        assert all(isinstance(text, str) for text in texts)


def _annotation(node, canvas):
    target = node["target"]
    body = node["body"]
    if node["motivation"] == "painting":
        assert target == canvas["id"]
        assert body["type"] == "Image"
        assert body["format"] == "image/jpeg"
        assert urlsplit(body["id"]).scheme in ("http", "https")
        assert (body["width"], body["height"]) == (canvas["width"], canvas["height"])
        return
    assert target["type"] == "SpecificResource"
    assert canvas is None or target["source"]["id"] == canvas["id"]
    assert target["selector"]["type"] == "FragmentSelector"
    assert target["selector"]["conformsTo"] == "http://www.w3.org/TR/media-frags/"
    x, y, width, height = map(int, REGION.fullmatch(target["selector"]["value"]).groups())
    assert width > 0
    assert height > 0
    if canvas is not None:
        assert x + width <= canvas["width"]
        assert y + height <= canvas["height"]
    assert body["type"] == "TextualBody"
    assert body["value"]
    assert body["format"] == "text/plain"
