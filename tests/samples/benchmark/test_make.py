import json

import pytest
from PIL import Image

from presslens.samples.benchmark.catalogue import WITHHELD
from presslens.samples.benchmark.condition import CONDITIONS
from presslens.samples.benchmark.make import licences, make_benchmark
from presslens.samples.benchmark.manifest import (
    DamagedBenchmark,
    altered,
    differences,
    digests,
    manifest,
    pixel_hash,
    publish,
    read_manifest,
)
from presslens.samples.benchmark.sheet import PHOTOS, sheet_count
from presslens.samples.benchmark.specimen import COLUMNS, TILE, specimen

SOME = ("clean", "low-resolution")


def silent(_done, _of):
    """Take a progress and show nothing."""


@pytest.fixture(scope="module")
def made(tmp_path_factory, sources_folder):
    """A sample of the benchmark in two conditions."""
    folder = tmp_path_factory.mktemp("benchmark")
    make_benchmark(sources_folder, folder, conditions=SOME, sample=True)
    return folder


def read(folder, name):
    return json.loads((folder / name).read_text(encoding="utf-8"))


def test_the_truth_names_each_picture_with_its_size(made):
    instances, truth = read(made, "instances.json"), read(made, "truth.json")
    assert len(instances["images"]) == sheet_count(sample=True) * len(SOME)
    for image in instances["images"]:
        with Image.open(made / image["file_name"]) as picture:
            assert picture.size == (image["width"], image["height"])
    assert [photo["kind"] for photo in truth["photos"]] == list(PHOTOS)
    assert truth["conditions"] == list(SOME)
    pages = {page["sheet"]: page for page in truth["pages"]}
    kinds = {image["id"]: image["kind"] for image in instances["images"]}
    assert {kinds[mark["image_id"]] for mark in instances["annotations"]} == {"page", "photo"}
    for image in instances["images"]:
        if image["kind"] == "page":
            marks = [m for m in instances["annotations"] if m["image_id"] == image["id"]]
            assert len(marks) == len(pages[image["sheet"]]["photos"])
            assert image["condition"] in pages[image["sheet"]]["distractors"]


def test_boxes_lie_in_their_pictures_and_have_different_ids(made):
    instances = read(made, "instances.json")
    sizes = {image["id"]: (image["width"], image["height"]) for image in instances["images"]}
    marks = instances["annotations"]
    assert len({mark["id"] for mark in marks}) == len(marks) > 20
    for mark in marks:
        x, y, width, height = mark["bbox"]
        assert x >= 0
        assert y >= 0
        assert 0 < x + width <= sizes[mark["image_id"]][0]
        assert 0 < y + height <= sizes[mark["image_id"]][1]


def test_low_resolution_photos_are_200_pixels_wide(made):
    images = read(made, "instances.json")["images"]
    wide = [i["width"] for i in images if i["condition"] == SOME[1] and i["kind"] == "photo"]
    assert wide
    assert all(200 <= width <= 202 for width in wide)


def test_only_openly_licensed_pictures_are_used(made):
    assert not any(licence.startswith("Not stated") for licence in licences().values())
    used = {file for photo in read(made, "truth.json")["photos"] for file in photo["files"]}
    assert used
    assert not used & WITHHELD
    assert used <= set(licences())


def test_the_same_seed_makes_the_same_pixels(made, sources_folder, tmp_path):
    again = make_benchmark(sources_folder, tmp_path, conditions=SOME[1:], sample=True)
    assert again["digests"] == {SOME[1]: read_manifest(made)["digests"][SOME[1]]}


def test_a_sample_is_not_the_published_benchmark(made):
    assert differences(read_manifest(made)) == [
        "it is a sample: its figures are not those of the benchmark"
    ]


def test_other_pixels_than_the_published_are_named_with_what_made_them(tmp_path):
    pictures = {"clean/page-001.jpg": "a", "grey/page-001.jpg": "b"}
    published = tmp_path / "published.toml"
    lines = [f'{name} = "{digest}"' for name, digest in digests(pictures).items()]
    published.write_text(
        'benchmark = "1"\nseed = 1\n[libraries]\nnumpy = "2.2"\n[digests]\n' + "\n".join(lines)
    )

    def of(pictures, **changes):
        manifest = {"benchmark": "1", "seed": 1, "sample": False, "pictures": pictures}
        return differences(manifest | {"libraries": {"numpy": "2.4"}} | changes, published)

    assert of(pictures) == []
    assert of({**pictures, "grey/page-001.jpg": "c"}) == [
        "pixels differ from the published ones in grey; made with numpy 2.4 (published: 2.2)"
    ]
    assert of({"clean/page-001.jpg": "a"}) == ["these conditions are missing: grey"]
    assert "with the seed 7" in of(pictures, seed=7)[0]
    assert "version 2" in of(pictures, benchmark="2")[0]
    other = of({"grey/page-001.jpg": "c"}, libraries={"numpy": "2.2"})
    assert "its code or its sources were changed" in other[1]
    told = of({**pictures, "grey/page-001.jpg": "c"}, digests=digests(pictures))
    assert "pixels differ" in told[0]  # whatever a manifest says of itself


def test_digests_are_published_as_they_are_read(tmp_path):
    pictures = {"clean/page-001.jpg": "a"}
    made = manifest(pictures, seed=1, sample=False)
    published = tmp_path / "published.toml"
    published.write_text('benchmark = "1"\nseed = 1\n[libraries]\n[digests]\n')
    assert differences(made, published) == ["no digests of this version are published yet"]
    publish(made, published)
    assert differences(made, published) == []
    with pytest.raises(ValueError, match="sample"):
        publish({**made, "sample": True}, published)


def test_an_altered_or_lost_picture_is_named(made, tmp_path):
    for name in ("one.png", "two.png", "three.png"):
        Image.new("L", (4, 4), 7).save(tmp_path / name)
    pictures = {name: pixel_hash(tmp_path / name) for name in ("one.png", "two.png", "three.png")}
    Image.new("L", (4, 4), 8).save(tmp_path / "one.png")
    (tmp_path / "two.png").unlink()
    (tmp_path / "three.png").write_bytes(b"no picture")
    faults = list(altered(tmp_path, {"pictures": pictures}, progress=silent))
    assert [fault.partition(":")[0] for fault in faults] == ["one.png", "two.png", "three.png"]
    assert not list(altered(made, read_manifest(made), progress=silent))


OUTSIDE = {"benchmark": "1", "seed": 1, "sample": False, "libraries": {}, "digests": {}}


@pytest.mark.parametrize(
    "content",
    [
        None, "{", "[]", "{}", '{"pictures": {}}',
        json.dumps(OUTSIDE | {"pictures": {"clean/a.png": 1}}),
        json.dumps(OUTSIDE | {"pictures": {"../a.png": ""}}),
        json.dumps(OUTSIDE | {"pictures": {"/a.png": ""}}),
        json.dumps(OUTSIDE | {"pictures": {"\0": ""}}),
        json.dumps(OUTSIDE | {"pictures": {"clean/\ud800.png": ""}}),
        json.dumps(OUTSIDE | {"pictures": {}, "libraries": {"numpy": "\ud800"}}),
        json.dumps(OUTSIDE | {"pictures": {}, "benchmark": "\ud800"}), "[" * 100_000,
    ],
)  # fmt: skip
def test_a_folder_without_a_manifest_is_no_benchmark(tmp_path, content):
    if content is not None:
        (tmp_path / "manifest.json").write_text(content)
    with pytest.raises(DamagedBenchmark, match=r"manifest\.json"):
        read_manifest(tmp_path)


def test_a_specimen_shows_one_photo_in_each_condition(made):
    board = specimen(made, "photo-001", SOME)
    assert board.size == (COLUMNS * TILE[0], TILE[1])
    assert set(SOME) <= set(CONDITIONS)
    first, second = (board.crop((x, 30, x + 250, 200)) for x in (0, TILE[0]))
    assert first.tobytes() != second.tobytes()
