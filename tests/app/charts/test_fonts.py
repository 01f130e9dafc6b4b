"""The font with Hangul: fetched like weights, and used only if it is the file expected."""

import tomllib
from pathlib import Path

from presslens.app.charts.fonts import FONTS, font_folder, font_registry


def test_without_the_font_the_system_has_to_do(monkeypatch, tmp_path):
    monkeypatch.setenv("PRESSLENS_CACHE_DIR", str(tmp_path))
    assert font_folder() is None
    (tmp_path / "fonts").mkdir()
    (tmp_path / "fonts" / "NanumGothic.ttf").write_bytes(b"another file")
    assert font_folder() is None


def test_the_font_is_that_of_the_samples():
    (font,) = font_registry().manifest.weight
    sources = tomllib.loads(Path("samples/sources.toml").read_text(encoding="utf-8"))["weight"]
    (same,) = [one for one in sources if one["file"] == font.file]
    assert (font.sha256, font.package_sha256) == (same["sha256"], same["package_sha256"])
    assert FONTS.read_text(encoding="utf-8").startswith("# The font")
