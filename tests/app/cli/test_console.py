"""What commands write to the error output."""

import pytest

from presslens.app.cli.console import fail


@pytest.mark.parametrize("name", ["[/x]", "[bold]", "plain"])
def test_brackets_in_a_name_are_no_markup(capsys, name):
    fail(f"there is no claim with the key {name!r}")
    assert capsys.readouterr().err == f"presslens: there is no claim with the key {name!r}\n"
