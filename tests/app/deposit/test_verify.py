"""Verification: an untouched deposit holds, and whatever was changed is named."""

import hashlib
import json
import re
import shutil
import zipfile
from pathlib import Path

import duckdb
import pytest

from presslens.app.deposit.bag import MANIFEST, TAG_MANIFEST
from presslens.app.platform.errors import InvalidRequest
from presslens.models.recipe import Recipe

SNAPSHOT, NUMBERS = Path("data/snapshot"), Path("data/numbers")


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def with_hashes(deposit):
    """Have all hashes of a deposit be those of its files, as a forger would."""
    folder = deposit / SNAPSHOT
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    for file in manifest["files"]:
        path = folder / file["name"]
        file |= {"sha256": sha256(path), "bytes": path.stat().st_size}
    tables = sorted(
        f"{f['sha256']}  {f['name']}\n" for f in manifest["files"] if f["rows"] is not None
    )
    manifest["content_sha256"] = hashlib.sha256("".join(tables).encode()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    for name in (MANIFEST, TAG_MANIFEST):
        lines = (deposit / name).read_text(encoding="utf-8").splitlines()
        paths = [line.partition("  ")[2] for line in lines]
        (deposit / name).write_text("".join(f"{sha256(deposit / p)}  {p}\n" for p in paths))


def change(path, pattern, by):
    """Change the first place of a file that fits a pattern."""
    text, count = re.subn(
        pattern, by, path.read_text(encoding="utf-8"), count=1, flags=re.MULTILINE
    )
    assert count == 1
    path.write_text(text, encoding="utf-8")


def named(found):
    return {(one.table, one.row, one.column) for one in found.differences}


@pytest.mark.sqlite_alone
def test_an_untouched_deposit_holds_wholly(deposit, verify, tmp_path):
    packed = shutil.make_archive(str(tmp_path / "packed"), "zip", deposit.parent, deposit.name)
    found = verify(Path(packed))  # its folder is verified by the command line
    assert (found.differences, found.not_reached) == ((), ())
    assert found.is_whole
    assert found.checked == found.hold > 500
    assert {one.table for one in found.documents} >= {"README.md", "data/documents/codebook.md"}
    assert "LICENSES.md" in found.not_held
    assert found.not_checkable["subjects"] == 20


FORGED = {
    ("newspapers", "Rodong Sinmun, photos, all", "value"): (
        NUMBERS / "newspapers.csv", r"^(Rodong Sinmun,photos,all),[\d.]+", r"\1,4.0",
    ),
    ("claims", "photos-16, 1", "verdict"): (NUMBERS / "claims.csv", ",true,1,", ",false,1,"),
    ("methods.md", "line 1", ""): (NUMBERS / "methods.md", r"\d+ photographs", "9 photographs"),
    ("snapshot/settled_answers.csv", "2, children", "shows"): (
        SNAPSHOT / "review_answers.csv", "^1,children,true", "1,children,false",
    ),
    ("tables/subjects.parquet", "1, people", "probability"): (
        SNAPSHOT / "subjects.csv", r"^1,people,[\d.]+", "1,people,0.97",
    ),
    ("data/documents/codebook.md", "line 1", ""): (
        Path("data/documents/codebook.md"), "Codebook", "Cookbook",
    ),
    ("data/numbers/datapackage.json", "line 2", ""): (
        NUMBERS / "datapackage.json", "tabular", "tubular",
    ),
    ("README.md", "line 1", ""): (Path("README.md"), r"\d+ photos, ", "900 photos, "),
    ("data/deposit.json", "line 2", ""): (
        Path("data/deposit.json"), '"presslens": "', '"presslens": "9',
    ),
    ("snapshot/photos.csv", "photo 1", "focus"): (
        SNAPSHOT / "photos.csv", ",neither,0.1,", ",leader,0.1,",
    ),
}  # fmt: skip
"""What is found, by the file, and the change that a forger makes in it."""


@pytest.mark.sqlite_alone
def test_what_was_changed_is_found_though_the_hashes_fit(deposit, verify):
    for file, pattern, by in FORGED.values():
        change(deposit / file, pattern, by)
    doubled = deposit / "data/tables/photos.parquet"
    with duckdb.connect() as database:
        database.execute(f"CREATE TABLE photos AS FROM '{doubled}'")
        database.execute("INSERT INTO photos SELECT * FROM photos WHERE photo_id = 1")
        database.execute(f"COPY photos TO '{doubled}' (FORMAT parquet)")
    evil = deposit / "data/tables/evil.parquet"
    shutil.copyfile(doubled, evil)
    with (deposit / MANIFEST).open("a") as file:
        file.write(f"{'0' * 64}  data/tables/{evil.name}\n")
    with_hashes(deposit)
    found = verify(deposit)
    assert (found.files.changed, found.files.foreign) == ((), ("data/tables/evil.parquet",))
    assert not found.is_whole
    assert ("tables/photos.parquet", "1, 1", "") in named(found)
    assert FORGED.keys() - named(found) == set()
    # A changed probability changes what follows from it, too.
    assert ("snapshot/edition_measure.csv", "people, 2", "probabilities") in named(found)
    assert ("editions", "Minju Choson, people, 2", "machine") in named(found)


@pytest.mark.sqlite_alone
def test_a_changed_byte_is_named(deposit, verify):
    change(deposit / "data/documents/codebook.md", "Codebook", "Codebooks")
    (deposit / "data" / "more.txt").write_text("more")
    (deposit / ".gitattributes").write_text("beside the data")
    (deposit / "LICENSES.md").unlink()
    files = verify(deposit).files
    assert files.changed == ("data/documents/codebook.md",)
    assert (files.missing, files.unlisted) == (("LICENSES.md",), ("data/more.txt",))
    change(
        deposit / SNAPSHOT / "manifest.json", r'"content_sha256": ?"\w{3}', '"content_sha256": "000'
    )
    (deposit / "data/tables/photos.parquet").unlink()
    with pytest.raises(InvalidRequest, match=r"changed since .*: data/.*manifest\.json") as refused:
        verify(deposit)
    assert "; missing since the deposit was made: LICENSES.md, data/tables/photos" in str(
        refused.value
    )


@pytest.mark.long
@pytest.mark.sqlite_alone
def test_it_says_what_holds_under_another_recipe(deposit, verify):
    text = (deposit / SNAPSHOT / "recipe.json").read_text(encoding="utf-8")
    recipe = Recipe.model_validate_json(text)
    assert verify(deposit, present=lambda: recipe).present.same
    aggregate = recipe.aggregate.model_copy(update={"confidence": 0.5})
    narrower = recipe.model_copy(update={"aggregate": aggregate})
    found = verify(deposit, present=lambda: narrower)
    assert found.is_whole
    assert found.present.differs_in == ("aggregate.confidence",)
    assert found.present.not_checkable == 0
    no_longer = {one.column for table in found.present.tables for one in table.differences}
    assert {"low", "high"} & no_longer
    read = recipe.interpret.model_copy(update={"epoch": recipe.interpret.epoch + 1})
    otherwise = verify(deposit, present=lambda: recipe.model_copy(update={"interpret": read}))
    assert sum(one.differ for one in otherwise.present.tables) == 0
    assert 0 < otherwise.present.not_checkable < otherwise.checked
    seen = recipe.observe.model_copy(update={"epoch": recipe.observe.epoch + 1})
    unseen = verify(deposit, present=lambda: recipe.model_copy(update={"observe": seen}))
    assert unseen.present.tables == ()


@pytest.mark.sqlite_alone
def test_what_the_time_is_too_short_for_is_named(deposit, verify):
    found = verify(deposit, seconds=0)
    assert found.not_reached == ("tables", "numbers")
    assert found.files.hold
    assert not found.is_whole


@pytest.mark.sqlite_alone
def test_hostile_deposits_are_refused(deposit, verify, tmp_path):
    outside = (deposit / MANIFEST).read_text(encoding="utf-8")
    (deposit / MANIFEST).write_text(f"{'0' * 64}  ../../etc/passwd\n{outside}", encoding="utf-8")
    with pytest.raises(InvalidRequest, match="leads out of the bag"):
        verify(deposit)
    (deposit / MANIFEST).write_text(outside, encoding="utf-8")
    (deposit / "data" / "link").symlink_to("/etc/passwd")
    with pytest.raises(InvalidRequest, match="is a link"):
        verify(deposit)
    with zipfile.ZipFile(tmp_path / "out.zip", "w") as archive:
        archive.writestr("../escape.txt", "out")
    with pytest.raises(InvalidRequest, match="leads out of the archive"):
        verify(tmp_path / "out.zip")
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bagit.txt", "BagIt")
        archive.writestr("inner.zip", b"PK\x03\x04" + b"\0" * 100)
    with pytest.raises(InvalidRequest, match="another archive"):
        verify(tmp_path / "bomb.zip")
    with pytest.raises(InvalidRequest, match="is no deposit"):
        verify(tmp_path)
    for place in (tmp_path / "nothing.zip", deposit / "README.md"):
        with pytest.raises(InvalidRequest, match="neither a folder nor a ZIP file"):
            verify(place)
