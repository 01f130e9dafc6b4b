"""Settings come from the environment, and know where everything lies."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from app.settings import Settings


def test_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("PRESSLENS_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("PRESSLENS_DATABASE_URL", "")
    monkeypatch.setenv("PRESSLENS_PORT", "9000")
    settings = Settings()
    assert settings.database_url == f"sqlite:///{tmp_path}/presslens.db"
    assert settings.port == 9000
    assert settings.limits.file_bytes == 200 * 2**20
    assert settings.load_registry().packages == settings.weights_dir


def test_a_relative_folder_is_found_again(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    settings = Settings(data_dir=Path("var"), database_url="")
    assert settings.database_url == f"sqlite:///{tmp_path}/var/presslens.db"


@pytest.mark.parametrize("wrong", [{"port": 70000}, {"processes": -1}, {"threshold": 0.5}])
def test_what_is_no_setting(wrong):
    with pytest.raises(ValidationError):
        Settings(**wrong)
