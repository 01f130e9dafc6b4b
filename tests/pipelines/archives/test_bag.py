"""Bags are checked file by file, once, and what does not fit is named."""

import os

import pytest

from presslens.pipelines.archives.bag import BagUnfit, CheckedBags, bag_around, facts_of

from ...bags import put_in_bag


@pytest.fixture
def bag(tmp_path):
    folder = tmp_path / "bag"
    (folder / "a").mkdir(parents=True)
    (folder / "a/1.txt").write_text("one")
    (folder / "2 é.txt").write_text("two")
    put_in_bag(folder, "md5", "sha256")
    return folder


def test_a_bag_that_fits_is_read_once(bag):
    told = []
    bags = CheckedBags(lambda *facts: told.append(facts))
    bags.check(bag)
    bags.check(bag)
    assert told == [("bag", 3, 6), ("bag", 6, 6)]
    assert bag_around(bag / "data/a") == bag
    assert bag_around(bag.parent) is None
    assert facts_of(bag)["source-organization"] == "A library"


def test_other_spellings_of_paths_are_the_same_files(bag):
    listed = bag / "manifest-md5.txt"
    text = listed.read_text().replace("data/a/1.txt", "./data/a/1.txt").replace("é", "e\u0301")
    listed.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").replace("  ", " *").encode())
    (bag / "data/.DS_Store").write_text("left by a system")
    info = bag / "bag-info.txt"
    info.write_text(f"{info.read_text()}Payload-Oxum: 6.2\n")
    CheckedBags().check(bag)
    listed.write_bytes(listed.read_bytes().replace(b"\r\n", b"\r"))
    CheckedBags().check(bag)


def test_before_version_1_one_manifest_of_several_lists_a_file(bag):
    listed = bag / "manifest-md5.txt"
    listed.write_text(listed.read_text().splitlines(keepends=True)[0])
    with pytest.raises(BagUnfit, match=r"manifest-md5\.txt does not list it"):
        CheckedBags().check(bag)
    declared = bag / "bagit.txt"
    declared.write_text(declared.read_text().replace("1.0", "0.97"))
    CheckedBags().check(bag)


def test_what_does_not_fit_is_named(bag, subtests):
    listed = bag / "manifest-md5.txt"
    whole = listed.read_text()
    zeros = "0" * 32
    for what, text, more, message in (
        ("changed", whole, ("data/a/1.txt", "One"), r"data/a/1.txt: its checksum \(md5\)"),
        ("not listed", whole, ("data/more.txt", "x"), "data/more.txt: the bag does not list it"),
        ("missing", f"{whole}{zeros}  data/b.txt\n", None, "data/b.txt: it is not there"),
        ("fetched", f"{whole}{zeros}  data/f.txt\n",
         ("fetch.txt", "https://a.example/f 3 data/f.txt"),
         "data/f.txt: it is not there: fetch it from https://a.example/f"),
        ("out", f"{zeros}  ../secret\n", None, "../secret: its path leads out of the bag"),
        ("root", f"{zeros}  /etc/passwd\n", None, "/etc/passwd: its path leads out of the bag"),
        ("no line", "nonsense\n", None, "manifest-md5.txt: this line is none of a manifest"),
        ("twice", f"{zeros}  data/a/1.txt\n{whole}", None,
         "data/a/1.txt: manifest-md5.txt lists it twice, with two checksums"),
        ("size", whole, ("bag-info.txt", "Payload-Oxum: 5.99"),
         "bag-info.txt: it says that bytes and files of the data are 5.99, and they are 6.2"),
    ):  # fmt: skip
        with subtests.test(what):
            before = {path: path.read_bytes() for path in bag.rglob("*") if path.is_file()}
            listed.write_text(text)
            if more:
                (bag / more[0]).write_text(more[1])
            with pytest.raises(BagUnfit, match=f"the bag bag is refused, {message}"):
                CheckedBags().check(bag)
            for path in [one for one in bag.rglob("*") if one.is_file() and one not in before]:
                path.unlink()
            for path, content in before.items():
                path.write_bytes(content)


def test_links_and_bags_without_known_checksums_are_refused(bag, tmp_path):
    (tmp_path / "secret").write_text("one")
    (bag / "data/a/1.txt").unlink()
    (bag / "data/a/1.txt").symlink_to(tmp_path / "secret")
    with pytest.raises(BagUnfit, match=r"data/a/1.txt: it is a link"):
        CheckedBags().check(bag)
    (bag / "data/a/1.txt").unlink()
    os.mkfifo(bag / "data/a/1.txt")
    with pytest.raises(BagUnfit, match=r"data/a/1.txt: it is no file"):
        CheckedBags().check(bag)
    (bag / "data/a/1.txt").unlink()
    for path in bag.glob("manifest-*"):
        path.unlink()
    with pytest.raises(BagUnfit, match="there is none whose checksums are known"):
        CheckedBags().check(bag)


def test_a_changed_tag_file_is_named(bag):
    (bag / "tagmanifest-md5.txt").write_text(f"{'0' * 32}  bag-info.txt\n")
    with pytest.raises(BagUnfit, match=r"bag-info.txt: its checksum \(md5\)"):
        CheckedBags().check(bag)
