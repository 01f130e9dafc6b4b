"""Settings come from the environment, and know where everything lies."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from presslens.app.cli import main
from presslens.app.platform.settings import Settings


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


PUBLIC = "must begin with http:// or https://, and be one that others reach"


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("PORT", "x", "is 'x', but must be a whole number, at least 0 and at most 65535"),
        ("PUBLIC", "maybe", "is 'maybe', but must be true or false"),
        ("ENGINE", "spark", "is 'spark', but must be local or ray"),
        ("LEASE_SECONDS", "0", "is '0', but must be a number, above 0"),
        ("DATABASE_URL", "mysql://u:secret@h/x", "must begin with sqlite:/// or postgresql://"),
        ("DATABASE_URL", "presslens.db", "must begin with sqlite:/// or postgresql://"),
        ("PUBLIC_URL", "http://127.0.0.1:8000", PUBLIC),
        ("PUBLIC_URL", "press.example.org", PUBLIC),
        ("DOI", "10/x", "is '10/x', but must be a DOI: 10.5281/zenodo.1234 for instance"),
    ],
)
def test_a_wrong_setting_is_one_sentence(monkeypatch, capsys, name, value, sentence):
    monkeypatch.setenv(f"PRESSLENS_{name}", value)
    monkeypatch.setattr("sys.argv", ["presslens", "recipes", "show"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    printed = capsys.readouterr()
    assert " ".join(printed.err.split()) == f"presslens: PRESSLENS_{name} {sentence}"
    assert not printed.out


def test_the_short_name_of_postgresql_is_accepted():
    assert Settings(database_url="postgres://u@h/x").database_url == "postgresql://u@h/x"
