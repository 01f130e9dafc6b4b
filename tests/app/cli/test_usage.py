"""Wrong usage is named from what is recorded, before a command is imported."""

import json
import subprocess
import sys

import pytest

from presslens.app.cli.usage import USAGE, RecordedCommand, usage_of
from presslens.lab.usage import written

WRONG = {
    "stats show people --bix month": "No such option: --bix",
    "stats --by week": "No such option: --by. It is an option of presslens stats show",
    "stats shwo": "Did you mean 'show'?",
    "stats show people --by moon": "'moon' is not one of",
    "stats show people --from 2025": "write it as YYYY-MM-DD",
    "serve --port 70000": "70000 is not in the range",
    "reviews add 50 children=yes": "Missing option '--coder'",
    "publish": "Missing argument 'folder'",
    "analyze no-such-folder": "does not exist",
    "demo mont": "Did you mean 'month'?",
    "export csv --publication A --publication B": "it takes one value",
}
RIGHT = [
    "import . --publication A --date 2025-12-16 --language ko --language fa",
    "reviews add 50 children=yes crowd=no --coder Ann",
    "stats show people --publication A --practice --json",
    "stats",
    "estimate pyproject.toml --measure children --compare a b",
]
HEAVY = {"numpy", "sqlalchemy", "pydantic", "fastapi", "PIL", "scipy"}
SCRIPT = """
import json, sys
import typer, typer.exceptions
from presslens.app.cli import cli
from presslens.app.cli.usage import check_usage
def message(words):
    root = typer.Context(typer.main.get_command(cli), info_name="presslens")
    try:
        check_usage(root, words.split())
    except typer.exceptions.TyperException as error:
        return error.format_message()
print(json.dumps([{words: message(words) for words in sys.argv[1:]}, [*sys.modules]]))
"""


def test_what_is_recorded_is_what_the_commands_take() -> None:
    assert USAGE.read_text("utf-8") == written(), "run python -P -m presslens.lab.usage"


@pytest.mark.parametrize("path", json.loads(USAGE.read_text("utf-8")))
def test_what_is_recorded_is_taken_as_it_is_recorded(path: str) -> None:
    recorded = json.loads(USAGE.read_text("utf-8"))[path]
    command = RecordedCommand("", path, "").load(path.rpartition(" ")[2])
    assert usage_of(command) == recorded


def test_wrong_usage_is_named_and_nothing_of_weight_is_imported() -> None:
    run = subprocess.run(
        [sys.executable, "-P", "-c", SCRIPT, *WRONG, *RIGHT],
        capture_output=True,
        text=True,
        check=True,
    )
    messages, modules = json.loads(run.stdout)
    assert [words for words, text in WRONG.items() if text not in (messages[words] or "")] == []
    assert [messages[words] for words in RIGHT] == [None] * len(RIGHT)
    assert HEAVY.isdisjoint(name.partition(".")[0] for name in modules)
    own = [name for name in modules if name.startswith("presslens.")]
    assert {name for name in own if not name.startswith(("presslens.app.cli",))} == {
        "presslens.app"
    }
