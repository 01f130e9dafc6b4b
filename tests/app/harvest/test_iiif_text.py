"""The texts of pages are fetched from where a manifest links to them, and trees of collections."""

import json

import pytest

from presslens.models.vocabulary import TextSource
from presslens.pipelines.archives.library_folder import READERS, described_edition
from presslens.pipelines.scans.sandbox import Sandbox

from ...library import CAPTION, Issue, Line, alto, manifest, page_xml
from .library_server import Answer
from .test_iiif import FOLDER, fetch, picture
from .test_iiif import running as running
from .test_iiif import server as server

ISSUE = Issue()
SAID = list(ISSUE.captions)
HOCR = (
    '<html><body><div class="ocr_page" title="bbox 0 0 600 800"><div class="ocr_carea">'
    '<span class="ocr_line" title="bbox 60 408 420 428"><span class="ocrx_word"'
    ' title="bbox 60 408 420 428; x_wconf 90">{}</span></span></div></div></body></html>'
)
FORMATS = {
    "alto": lambda text: alto([Line(text)], "", ISSUE),
    "page": lambda text: page_xml([Line(text)], ""),
    "hocr": HOCR.format,
}


def link(address, **more):
    return {"id": address, "@id": address, "type": "Text", **more}


def annotations(text, canvas, *, version=3, granularity="line", box=CAPTION):
    """Return a page of annotations with a text."""
    x0, y0, x1, y1 = box
    target = f"{canvas}#xywh={x0},{y0},{x1 - x0},{y1 - y0}"
    if version == 2:
        body = {"@type": "cnt:ContentAsText", "chars": text}
        one = {"motivation": "sc:painting", "resource": body, "on": target}
        context = "http://iiif.io/api/presentation/2/context.json"
        return {"@context": context, "@type": "sc:AnnotationList", "resources": [one]}
    one = {
        "type": "Annotation", "motivation": "supplementing", "textGranularity": granularity,
        "body": {"type": "TextualBody", "value": text}, "target": target,
    }  # fmt: skip
    context = "http://iiif.io/api/presentation/3/context.json"
    return {"@context": context, "type": "AnnotationPage", "items": [one]}


def put_texts(server, kind, links, *, version=3, base="{server}"):
    """Let a manifest link to the text of each page."""
    document = manifest(ISSUE, server.base, version=version)
    listed = document["items"] if version == 3 else document["sequences"][0]["canvases"]
    for canvas, text in zip(listed, SAID, strict=True):
        address = f"{server.base}/text/{SAID.index(text)}"
        canvas |= links(address)
        server.put(f"/text/{SAID.index(text)}", FORMATS[kind](text).encode())
    server.put("/manifest", document)
    for number in (1, 2):
        server.put(f"/image/{number:04d}/full/full/0/default.jpg", picture(number))
    return document


def texts_of(folder):
    """Return the source and the lines of each page of a folder."""
    with Sandbox(modules=READERS) as sandbox:
        edition = described_edition(folder, sandbox)
    return [
        page.text and (page.text.source, [line.text for b in page.text.blocks for line in b.lines])
        for page in edition.pages
    ]


@pytest.mark.parametrize(
    ("kind", "version", "links"),
    [
        # The newspaper recipe of the IIIF cookbook.
        ("alto", 3, lambda to: {"rendering": [
            link("http://10.0.0.1/pdf", format="application/pdf"),
            link(to, format="application/xml", profile="http://www.loc.gov/standards/alto/")]}),
        ("alto", 3, lambda to: {"seeAlso": [link(to, format="application/xml+alto")]}),
        ("alto", 3, lambda to: {"seeAlso": [link(to, format="text/xml")]}),
        ("alto", 2, lambda to: {"seeAlso": link(to, format="text/xml", label="OCR (ALTO)")}),
        ("hocr", 3, lambda to: {"seeAlso": [link(to, format="text/vnd.hocr+html")]}),
        ("page", 2, lambda to: {"seeAlso": [
            {"@id": to, "format": "application/vnd.prima.page+xml"}]}),
    ],
)  # fmt: skip
def test_a_linked_text_becomes_the_text_of_its_page(server, tmp_path, kind, version, links):
    put_texts(server, kind, links, version=version)
    done, _ = fetch(server, tmp_path)
    (issue,) = done.issues
    assert (done.is_whole, issue.texts, issue.textless) == (True, 2, {})
    assert texts_of(tmp_path / FOLDER) == [(TextSource(kind), [text]) for text in SAID]
    again, _ = fetch(server, tmp_path)
    assert again.issues[0].texts == 2
    assert all(count == 1 for path, count in server.asked.items() if path != "/manifest")


@pytest.mark.parametrize("version", [2, 3])
def test_annotations_are_the_text_where_no_other_one_is_to_be_had(server, tmp_path, version):
    document = manifest(ISSUE, server.base, version=version)
    listed = document["items"] if version == 3 else document["sequences"][0]["canvases"]
    key = "annotations" if version == 3 else "otherContent"
    for place, (canvas, text) in enumerate(zip(listed, SAID, strict=True)):
        page = annotations(text, f"{server.base}/canvas/{place + 1}", version=version)
        address = f"{server.base}/text/{place}"
        canvas["seeAlso"] = [link(f"{server.base}/gone", format="application/xml+alto")]
        canvas[key] = [page if place else {"id": address, "@id": address}]
        server.put(f"/text/{place}", page)
    server.put("/manifest", document)
    for number in (1, 2):
        server.put(f"/image/{number:04d}/full/full/0/default.jpg", picture(number))
    done, _ = fetch(server, tmp_path)
    assert done.is_whole
    assert texts_of(tmp_path / FOLDER) == [(TextSource.IIIF, [text]) for text in SAID]


def test_annotations_may_point_into_a_text_elsewhere(server, tmp_path, subtests):
    whole = " ".join(SAID)
    for case, text, found in (
        ("JSON", {"type": "FullTextResource", "value": whole}, True),
        ("plain text", whole.encode(), True),
        ("no text", {"value": 3}, False),
    ):
        document = manifest(ISSUE, server.base)
        for place, (canvas, said) in enumerate(zip(document["items"], SAID, strict=True)):
            start = whole.index(said)
            page = annotations(said, canvas["id"])
            page["items"][0]["body"] = f"{server.base}/whole#char={start},{start + len(said)}"
            canvas["annotations"] = [{"id": f"{server.base}/text/{place}"}]
            server.put(f"/text/{place}", page)
        server.put("/whole", text)
        server.put("/manifest", document)
        with subtests.test(case):
            done, _ = fetch(server, tmp_path / case)
            expected = [(TextSource.IIIF, [said]) for said in SAID] if found else [None, None]
            assert texts_of(tmp_path / case / FOLDER) == expected
            assert len(done.issues[0].textless) == (0 if found else 2)


def test_words_become_lines_and_paragraphs_none(server, tmp_path):
    document = manifest(ISSUE, server.base)
    canvas = document["items"][0]
    words = [
        annotations(word, canvas["id"], granularity="word", box=(x, y, x + 50, y + 20))["items"][0]
        for word, x, y in (("Two", 60, 408), ("words", 115, 410), ("below", 60, 432))
    ]
    canvas["annotations"] = [{"type": "AnnotationPage", "items": words}]
    whole = annotations("A whole paragraph", "c", granularity="paragraph")
    document["items"][1]["annotations"] = [whole]
    server.put("/manifest", document)
    fetch(server, tmp_path)
    assert texts_of(tmp_path / FOLDER) == [(TextSource.IIIF, ["Two words", "below"]), None]


def test_a_text_that_can_not_be_had_keeps_no_edition_out(server, tmp_path, subtests):
    document = put_texts(server, "alto", lambda to: {"seeAlso": [link(to, format="text/xml")]})
    for case, answer, why in (
        ("gone", Answer(status=404), "the server answers 404"),
        ("another document", b"<TEI/>", "neither ALTO nor PAGE-XML nor hOCR"),
        ("no XML", b"\x00\x01", "neither ALTO nor PAGE-XML nor hOCR"),
    ):
        server.put("/text/0", answer)
        with subtests.test(case):
            done, _ = fetch(server, tmp_path / case)
            (issue,) = done.issues
            assert (done.is_whole, issue.texts) == (True, 1)
            assert why in issue.textless[document["items"][0]["id"]]
            assert texts_of(tmp_path / case / FOLDER)[0] is None
    server.put("/text/0", FORMATS["alto"](SAID[0]).encode())
    done, _ = fetch(server, tmp_path / "gone")
    assert (done.issues[0].texts, done.issues[0].fetched) == (2, 0)


def test_texts_may_be_left_out_and_follow_the_rules_for_images(server, tmp_path):
    put_texts(server, "alto", lambda to: {"seeAlso": [link(to, format="text/xml")]})
    done, _ = fetch(server, tmp_path, texts=False)
    assert done.issues[0].texts == server.asked["/text/0"] == 0
    put_texts(server, "alto", lambda _: {
        "seeAlso": [link("http://localhost:1/x", format="application/xml+alto")]})  # fmt: skip
    done, _ = fetch(server, tmp_path / "b")
    reasons = done.issues[0].textless.values()
    assert len(reasons) == 2
    assert all("in the network of this machine" in reason for reason in reasons)


def test_texts_by_hand_lie_beside_their_images(tmp_path):
    (tmp_path / "manifest.json").write_text(json.dumps(manifest(ISSUE, "https://l.example")))
    for number, text in enumerate(SAID, 1):
        (tmp_path / f"{number:04d}.jpg").write_bytes(picture(number))
        (tmp_path / f"{number:04d}.xml").write_text(FORMATS["alto"](text))
    assert texts_of(tmp_path) == [(TextSource.ALTO, [text]) for text in SAID]
    with Sandbox(modules=READERS) as sandbox:
        edition = described_edition(tmp_path, sandbox)
    assert edition.source == "https://l.example/manifest"
    assert [(page.canvas, page.image_service) for page in edition.pages] == [
        (f"https://l.example/canvas/{i}", f"https://l.example/image/000{i}") for i in (1, 2)
    ]


@pytest.mark.parametrize("version", [2, 3])
def test_trees_and_pages_of_collections_are_gone_through_once(server, tmp_path, version):
    def kind(name):
        return {"@type": f"sc:{name}"} if version == 2 else {"type": name}

    def put(path, **more):
        base = {"@context": f"http://iiif.io/api/presentation/{version}/context.json"}
        named = {"id": server.base + path, "@id": server.base + path}
        server.put(path, {**base, **named, **kind("Collection"), **more})

    def part(path, name="Collection"):
        return {"id": server.base + path, "@id": server.base + path, **kind(name)}

    for place in range(3):
        issue = Issue(day=ISSUE.day.replace(day=place + 1), captions=("One",))
        document = manifest(issue, server.base, version=version)
        document |= {"id": f"{server.base}/issue/{place}", "@id": f"{server.base}/issue/{place}"}
        server.put(f"/issue/{place}", document)
    server.put("/image/0001/full/full/0/default.jpg", picture(1))
    if version == 2:
        put("/top", collections=[part("/paper")], manifests=[f"{server.base}/issue/0"])
        put("/paper", first=f"{server.base}/paper/1")
        put("/paper/1", members=[part("/issue/1", "Manifest")], next=f"{server.base}/paper/2")
        put("/paper/2", manifests=[part("/issue/2", "Manifest")], next=f"{server.base}/paper/1")
    else:
        put("/top", items=[part("/paper"), part("/issue/0", "Manifest"), part("/top")])
        put("/paper", items=[part("/year"), part("/issue/1", "Manifest")])
        put("/year", items=[part("/issue/2", "Manifest"), part("/paper")])
    done, _ = fetch(server, tmp_path, "/top")
    assert done.failed == {}
    assert sorted(one.folder[-2:] for one in done.issues) == ["01", "02", "03"]


def test_issues_without_a_title_have_that_of_their_collection(server, tmp_path):
    base = {"@context": "http://iiif.io/api/presentation/3/context.json", "type": "Collection"}
    lccn = [{"label": {"en": ["LCCN"]}, "value": {"none": ["sn83030214"]}}]

    def put(path, label, *parts, **more):
        items = [{"id": server.base + part, "type": "Collection"} for part in parts]
        named = {"id": server.base + path, "label": {"en": [label]}}
        server.put(path, {**base, **named, "items": items, **more})

    put("/top", "Newspapers", "/paper")
    put("/paper", "Evening Courier", "/year", metadata=lccn)
    put("/year", "1939", "/manifest")
    server.put("/manifest", manifest(ISSUE, server.base) | {"label": {"en": ["13 May 1939"]}})
    done, _ = fetch(server, tmp_path, "/top")
    assert [one.folder for one in done.issues] == [FOLDER]
    with Sandbox(modules=READERS) as sandbox:
        edition = described_edition(tmp_path / FOLDER, sandbox)
    assert (edition.title, list(map(str, edition.newspaper_identifiers))) == (
        "Evening Courier",
        ["lccn:sn83030214"],
    )


def test_collections_are_not_followed_for_ever(server, tmp_path):
    base = {"@context": "http://iiif.io/api/presentation/3/context.json", "type": "Collection"}
    for depth in range(20):
        below = {"id": f"{server.base}/deep/{depth + 1}", "type": "Collection"}
        server.put(f"/deep/{depth}", {**base, "items": [below]})
    done, _ = fetch(server, tmp_path, "/deep/0")
    assert done.failed == {f"{server.base}/deep/13": "it is more than 12 collections deep"}
