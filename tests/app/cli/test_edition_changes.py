"""Editions are changed, deleted and restored, and all of it undone, at the command line."""

from .conftest import document, printed, refusal


def test_editions_are_changed_at_the_command_line(installed, make, tmp_path):
    for name, tint in (("a", 3), ("b", 6)):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "page_1.png").write_bytes(make(tint=tint))
    day = ("--publication", "Rodong Sinmun", "--date", "2019-12-16")
    first = document("import", tmp_path / "a", *day)["id"]
    told = refusal("import", tmp_path / "b", *day, "--json")
    assert "choose a mode, which is one of add, replace" in told
    other = document("import", tmp_path / "b", *day, "--mode", "separate", "--coder", "Ann")
    assert other["created"]
    changed = document("editions", "change", first, "--date", "2019-12-17")
    assert changed["date"] == "2019-12-17"
    assert document("editions", "delete", other["id"], "--coder", "Ann")["deleted_by"] == "Ann"
    assert "Ann" in printed("editions", "trash")
    assert f"edition {other['id']} of Rodong" in printed("editions", "restore", other["id"])
    assert printed("editions", "trash") == "the trash is empty\n"
    assert [one["action"] for one in document("edits")["edits"]] == [
        "restore edition", "delete edition", "change edition", "upload", "upload",
    ]  # fmt: skip
    undone = printed("edits", "undo", changed["edit"])
    assert "undone: day: 2019-12-16, now 2019-12-17" in undone
    assert document("editions", "empty-trash", "--all")["editions"] == 0
