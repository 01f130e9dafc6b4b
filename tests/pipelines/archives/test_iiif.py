"""What manifests say of issues, in both versions, in the languages and places of real ones."""

import json
from datetime import date

import pytest
from babel.dates import format_date

from presslens.pipelines.archives.days import day_in
from presslens.pipelines.archives.iiif import read_manifest

from ...library import Issue, manifest

LANGUAGES = (
    "en de fr es it nl pt sv da nb ca gl ro nn fi et is ga cy cs sk pl hr sl sr bg mk ru uk be lt"
    " lv hu sq tr az el id eo ja ko zh"
)


def read(document):
    return read_manifest(json.dumps(document).encode(), "manifest.json")


def record(version=3, **more):
    return read({**manifest(Issue(), "https://library.example", version=version), **more}).record


@pytest.mark.parametrize(
    ("label", "title"),
    [
        ("The Park Record (Park City, UT), 1939-05-13", "The Park Record (Park City, UT)"),
        ("Berliner Tageblatt - 1939-05-13", "Berliner Tageblatt"),
        ("Evening Star (Washington, D.C.), May 13, 1939", "Evening Star (Washington, D.C.)"),
        ("Y Genedl Gymreig - 13th May 1939", "Y Genedl Gymreig"),
        ("Le Figaro, samedi 13 mai 1939", "Le Figaro"),
        ("Der Bote, Nr. 12, 13. Mai 1939", "Der Bote"),
        ("Zeitung, Nummer 64, Zweites Abendblatt, 13. Mai 1939", "Zeitung"),
        ("Gaceta, núm. 12, 13 de mayo de 1939", "Gaceta"),
        ("로동신문 제12호 1939-05-13", "로동신문"),
        ("Star, vol. 3, no. 12, Morning edition, 1939-05-13", "Star"),
        ("1939-05-13", ""),
        ("Gazeta, 13 maja 1939 r.", "Gazeta"),
        ("로동신문 주체28(1939)년 5월 13일", "로동신문"),
        ("東京朝日新聞 昭和14年(1939)5月13日", "東京朝日新聞"),
        ("申報 中華民國二十八年五月十三日 第一千二百三十四號", "申報"),
        ("大公報，一九三九年五月十三日", "大公報"),
        ("朝日新聞 １９３９年５月１３日", "朝日新聞"),
        ("Augsburger Tagblatt. 1867,9/12 = Jg. 38 ## 13.05.1939", "Augsburger Tagblatt"),
    ],
)
def test_a_title_is_cut_at_its_day_and_keeps_its_place(label, title):
    for version in (2, 3):
        said = record(version, label=label if version == 2 else {"en": [label]}, navDate="")
        assert (said.title, said.days) == (title, (date(1939, 5, 13),))


@pytest.mark.parametrize(
    ("moment", "days"),
    [
        ("1939-05-12T23:00:00Z", [13]),
        ("1939-05-12T00:00:00Z", [12, 13]),
        ("1939-05-13T00:00:00+01:00", [13]),
        ("1939-05-02T22:00:00Z", [2, 13]),
    ],
)
def test_a_local_midnight_is_the_day_that_the_label_says(moment, days):
    label = {"en": ["Le 2 mai 1808, 13. května 1939"]}
    series = [{"label": {"en": ["Series"]}, "value": {"en": ["Le 2 mai 1808"]}}]
    dated = [{"label": {"en": ["Date"]}, "value": {"en": ["13. května 1939"]}}]
    said = record(label=label, navDate=moment, metadata=[*series, *dated])
    assert said.days == tuple(date(1939, 5, day) for day in days)
    assert said.title == "Le 2 mai 1808"


@pytest.mark.parametrize(
    ("label", "named", "title", "edition"),
    [
        (
            "Der Bote, Nr. 12",
            "Der Bote für Stadt und Land",
            "Der Bote für Stadt und Land",
            "Nr. 12",
        ),
        ("Nr. 12", "Der Bote", "Der Bote", "Nr. 12"),
        ("NZZ, Nummer 64, Zweites Abendblatt", "Die NZZ", "Die NZZ", "Zweites Abendblatt"),
        ("The Star, 1939-05-13", "No. 7 of 1939-05-13", "The Star", "No. 7"),
        ("The Star", "urn:nbn:de:bvb:12-x", "The Star", ""),
        ("The Sun (A : 1910), Sun 14 May 1939", "urn:nbn:de:bvb:12-x", "The Sun (A : 1910)", ""),
        ("El Sol, sábado, 13/05/1939, n.º 29.876", "urn:nbn:de:bvb:12-x", "El Sol", "n.º 29.876"),
        ("Welt am Sonntag, 14. Mai 1939", "urn:nbn:de:bvb:12-x", "Welt am Sonntag", ""),
        ("申報 1939年5月13日（土）第一萬號", "urn:nbn:de:bvb:12-x", "申報", "第一萬號"),
        ("朝日新聞 昭和14年5月13日（土）夕刊", "urn:nbn:de:bvb:12-x", "朝日新聞", "夕刊"),
    ],
)
def test_a_title_of_metadata_is_the_newspapers_unless_it_is_an_issues(label, named, title, edition):
    fact = {"label": {"de": ["Titel"]}, "value": {"de": [named]}}
    said = record(label={"de": [label]}, metadata=[fact])
    assert (said.title, said.edition_label) == (title, edition)


def test_a_label_in_several_languages_is_one_title(subtests):
    texts = {
        "ko": "로동신문 1939-05-13",
        "en": "Rodong Sinmun 1939-05-13",
        "zh": "劳动新闻 1939-05-13",
    }
    version_2 = [{"@value": text, "@language": code} for code, text in texts.items()]
    for case, label, title in (
        ("map", {code: [text] for code, text in texts.items()}, "Rodong Sinmun"),
        ("version 2", version_2, "Rodong Sinmun"),
        ("no English", {"ko": ["로동신문"], "zh": ["劳动新闻"]}, "로동신문"),
        ("of none before others", {"fr": ["A"], "none": ["B"]}, "B"),
        ("of the collection", None, "The Courier"),
    ):
        around = {"id": "https://l.example/c", "type": "Collection"}
        within = around | ({} if label else {"label": {"en": ["The Courier"]}})
        with subtests.test(case):
            more = {"label": label or {"none": ["13"]}, "partOf": [within]}
            assert record(**more).title == title


def test_rights_holder_pages_and_edition_are_read_in_version_3():
    said = record(
        label={"en": ["Evening Courier, 1939-05-13, Evening Edition"]},
        rights="http://rightsstatements.org/vocab/NoC-US/1.0/",
        requiredStatement={
            "label": {"en": ["Attribution"]},
            "value": {"en": ["<a href='x'>State Library</a> &amp; friends"], "de": ["Bibliothek"]},
        },
        provider=[{"id": "https://l.example", "type": "Agent", "label": {"en": ["State Library"]}}],
        homepage=[{"id": "https://l.example/issue/1", "type": "Text", "format": "text/html"}],
    )  # fmt: skip
    assert said.rights == "State Library & friends; Bibliothek"
    assert said.rights_address == "http://rightsstatements.org/vocab/NoC-US/1.0/"
    assert (said.holder, said.homepage) == ("State Library", "https://l.example/issue/1")
    assert (said.title, said.edition_label) == ("Evening Courier", "Evening Edition")


def test_rights_holder_and_pages_are_read_in_version_2():
    said = record(
        2,
        attribution="Provided by a library",
        license="http://creativecommons.org/licenses/by/4.0/",
        related=[
            {"@id": "https://l.example/issue.pdf", "format": "application/pdf"},
            {"@id": "https://l.example/issue/1", "format": "text/html"},
        ],
        metadata=[{"label": [{"@value": "Repository", "@language": "en"}], "value": "A library"}],
    )
    assert said.rights == "Provided by a library"
    assert said.rights_address == "http://creativecommons.org/licenses/by/4.0/"
    assert (said.holder, said.homepage) == ("A library", "https://l.example/issue/1")


def test_identifiers_come_from_metadata_addresses_and_what_it_is_part_of():
    said = record(
        id="https://gallica.bnf.fr/iiif/ark:/12148/bpt6k3039421/manifest.json",
        partOf=[{"id": "https://gallica.bnf.fr/ark:/12148/cb32895690j/date", "type": "Collection"}],
        metadata=[
            {"label": {"en": ["LCCN"]}, "value": {"none": ["sn 83030214"]}},
            {"label": {"fr": ["ISSN"], "en": ["ISSN (print)"]}, "value": {"none": ["2111-1112"]}},
            {"label": {"en": ["ISSN"]}, "value": {"none": ["0140-0460"]}},
            {"label": {"en": ["Identifier"]}, "value": {"none": ["Mf-17", "urn:nbn:de:bvb:12-x"]}},
            {"label": {"en": ["Title"]}, "value": {"none": ["urn:nbn:no:identifier"]}},
        ],
    )  # fmt: skip
    assert [str(one) for one in said.newspaper_identifiers] == [
        "ark:/12148/cb32895690j",
        "lccn:sn83030214",
        "issn:0140-0460",
    ]
    assert [str(one) for one in said.identifiers] == [
        "local:2111-1112",
        "local:Mf-17",
        "urn:nbn:de:bvb:12-x",
        "ark:/12148/bpt6k3039421",
    ]


def test_what_manifests_may_hold_of_wrong_types_is_passed_over():
    canvas = {"type": "Canvas", "id": 3, "label": 7, "items": "x", "seeAlso": [1, "y", {"id": 2}],
              "rendering": {"id": "https://l.example/a", "format": 5}, "annotations": [None, 4],
              "width": "wide", "height": -1}  # fmt: skip
    found = read(
        {
            "type": "Manifest", "id": ["x"], "label": [1, {"en": 5}], "items": [canvas, 4],
            "metadata": [{"label": 3, "value": {"en": [{}]}}, 4], "provider": "x", "partOf": 3,
            "homepage": 5, "related": [7, None], "requiredStatement": [3], "navDate": 19390513,
        }
    )  # fmt: skip
    assert (found.id, found.title, found.day) == ("", "", date(1939, 5, 13))
    assert [(one.id, one.width, one.texts, one.annotations) for one in found.canvases] == [
        ("", None, (), ())
    ]


@pytest.mark.parametrize("language", LANGUAGES.split())
def test_a_day_is_read_in_each_language_as_it_is_written_there(language):
    for day in (date(1939, month, 13) for month in range(1, 13)):
        for form in ("long", "full"):
            assert day_in(format_date(day, form, locale=language)) == day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("13 listopada 1939", date(1939, 11, 13)),
        ("13. listopada 1939.", date(1939, 10, 13)),
        ("昭和元年十二月廿五日", date(1926, 12, 25)),
        ("一九三○年一月三十一日", date(1930, 1, 31)),
        ("昭和五十年二月三十日", None),
        ("1939-5-13-14", None),
        ("x-1939-5-13-0004", date(1939, 5, 13)),
        ("朝鮮日報 1939. 5. 13.", date(1939, 5, 13)),
        ("단기 4272년 5월 13일", date(1939, 5, 13)),
    ],
)
def test_a_day_is_read_or_not_at_all(text, day):
    assert day_in(text) == day
