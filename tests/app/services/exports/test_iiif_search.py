"""IIIF Content Search: what is found in an edition, where, and how an answer is paged."""

import pytest

from presslens.app.api.export_links import ExportLinks
from presslens.app.db.reviews import SettledAnswerRow
from presslens.app.db.tables import CaptionRow, PhotoRow
from presslens.app.platform.errors import InvalidRequest, NotFound
from presslens.app.services.exports import iiif_search
from presslens.app.services.exports.iiif_documents import edition_manifest
from presslens.app.services.exports.iiif_search import (
    SearchRequest,
    as_annotation_list,
    search_edition,
    suggest_terms,
)

LINKS = ExportLinks("https://example.org")
HERE = "https://example.org/api/v1/editions"
TEXTS = (
    "Children sing at the ＦＡＣＴＯＲＹ of Hamhung",
    "평양 어린이들이 노래를 부른다",
    "Des élèves chantent",
)

pytestmark = pytest.mark.sqlite_alone


def address(changes):
    return "https://example.org/answer" + "".join(f"?{k}={v}" for k, v in changes.items())


def search(home, edition, q="", motivation="", page=1, ignored=()):
    question = SearchRequest(q, motivation, ignored)
    return search_edition(home, edition, question, page=page, links=LINKS, address=address)


def terms(home, edition, q, least=1):
    question = SearchRequest(q)
    found = suggest_terms(home, edition, question, least=least, links=LINKS, address=address)
    return {item["value"]: item["total"] for item in found["items"]}


@pytest.fixture
def printed(home, edition):
    """An edition whose photos have captions in several scripts, and of which people say things."""
    with home.database.write() as session:
        photos = session.query(PhotoRow).order_by(PhotoRow.id).all()
        for photo, text in zip(photos, TEXTS, strict=True):
            session.query(CaptionRow).filter_by(photo_id=photo.id).delete()
            box = {"x0": photo.x0, "y0": photo.y0, "x1": photo.x1, "y1": photo.y1}
            session.add(CaptionRow(photo_id=photo.id, place="below", text=text, **box))
        session.add(SettledAnswerRow(photo_id=photos[1].id, measure="children", shows=True))
        session.add(SettledAnswerRow(photo_id=photos[2].id, measure="focus_facility", shows=True))
    return edition


ENGLISH, KOREAN, FRENCH = TEXTS
FOUND = {
    "children": {ENGLISH, "children"},
    "factory": {ENGLISH, "focus: facility"},
    "시설": {"focus: facility"},
    '"of hamhung" SING': {ENGLISH},
    "hung": set(),  # no word begins so
    "어린이": {KOREAN, "children"},  # the Korean name of the subject
    "린이들": {KOREAN},
    "E\u0301LE\u0300VES": {FRENCH},
    "children 평양": set(),
    "": set(),
}


def test_terms_are_found_in_any_script_case_and_form(home, printed, subtests):
    for q, found in FOUND.items():
        with subtests.test(q):
            answer = search(home, printed, q)
            assert {item["body"]["value"] for item in answer["items"]} == found
            assert answer["partOf"]["total"] == len(found)
            assert ("summary" in answer) is (not found)


def test_an_answer_is_annotations_on_the_canvases_of_the_manifest(home, printed):
    manifest = edition_manifest(home, printed, LINKS)
    assert manifest["service"][0]["id"] == f"{HERE}/{printed}/search.json"
    canvases = {canvas["id"]: canvas for canvas in manifest["items"]}
    answer = search(home, printed, "children factory")
    (item,) = answer["items"]
    assert item["motivation"] == "supplementing"
    canvas, _, region = item["target"].partition("#xywh=")
    x, y, width, height = map(int, region.split(","))
    assert x + width <= canvases[canvas]["width"]
    assert y + height <= canvases[canvas]["height"]
    contexts, highlights = (page["items"] for page in answer["annotations"])
    assert {one["motivation"] for one in contexts} == {"contextualizing"}
    assert {one["motivation"] for one in highlights} == {"highlighting"}
    quotes = [one["target"]["selector"][0] for one in contexts]
    assert [quote["exact"] for quote in quotes] == ["Children", "ＦＡＣＴＯＲＹ"]
    assert {one["target"]["source"] for one in contexts} == {item["id"]}
    for quote in quotes:
        assert quote["prefix"] + quote["exact"] + quote["suffix"] in item["body"]["value"]


def test_viewers_of_version_1_get_the_same(home, printed):
    answer = search(home, printed, "children factory")
    older = as_annotation_list(answer)
    (item,), (resource,) = answer["items"], older["resources"]
    assert (resource["on"], resource["resource"]["chars"]) == (
        item["target"],
        item["body"]["value"],
    )
    assert [hit["match"] for hit in older["hits"]] == ["Children", "ＦＡＣＴＯＲＹ"]
    assert older["within"]["total"] == 1


def test_motivations_part_printed_texts_from_what_photos_show(home, printed):
    values = {}
    for motivation in ("tagging", "supplementing", "painting", "tagging supplementing"):
        items = search(home, printed, "어린이", motivation)["items"]
        values[motivation] = {item["body"]["value"] for item in items}
    assert values["tagging"] == {"children"}
    assert values["supplementing"] == {"평양 어린이들이 노래를 부른다"}
    assert values["painting"] == set()
    assert values["tagging supplementing"] == values["tagging"] | values["supplementing"]


def test_parameters_without_effect_are_named(home, printed):
    assert search(home, printed, "children", ignored=("date", "user"))["ignored"] == [
        "date",
        "user",
    ]
    assert "ignored" not in search(home, printed, "children")


def test_answers_come_in_pages(home, printed, monkeypatch):
    monkeypatch.setattr(iiif_search, "ITEMS", 1)
    first, second = (search(home, printed, "children", page=page) for page in (1, 2))
    assert first["next"]["id"] == second["id"] == "https://example.org/answer?page=2"
    assert second["prev"]["id"] == first["id"] == first["partOf"]["first"]["id"]
    assert (first["startIndex"], second["startIndex"]) == (0, 1)
    assert first["partOf"]["total"] == 2
    assert "next" not in second
    with pytest.raises(InvalidRequest, match="2 pages"):
        search(home, printed, "children", page=3)


def test_terms_are_suggested_by_their_beginning(home, printed):
    assert terms(home, printed, "Child") == {"children": 2}
    assert terms(home, printed, "child", least=3) == {}
    assert terms(home, printed, "어린") == {"어린이": 1, "어린이들이": 1}
    assert terms(home, printed, "") == {}


def test_what_is_not_there_is_not_searched(home):
    with pytest.raises(NotFound):
        search(home, 99, "children")


def test_a_search_has_so_many_terms(home, printed):
    with pytest.raises(InvalidRequest, match="20 terms"):
        search(home, printed, " ".join(map(str, range(21))))
