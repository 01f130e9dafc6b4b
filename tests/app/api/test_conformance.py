"""What a reader's key may read is answered as the description of the API says."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from presslens.app.installation import open_installation
from presslens.app.platform import clock
from presslens.app.platform.permissions import PRESETS, AccountRole
from presslens.app.platform.settings import Settings
from presslens.app.services.accounts.accounts import add_account
from presslens.app.services.accounts.identity import SHELL
from presslens.app.services.accounts.keys import add_key
from presslens.lab.soak.contract import conformance, filled_application

RECIPE = Path(__file__).parents[2] / "scripted.toml"


@pytest.mark.parametrize("examples", [1, pytest.param(2, marks=pytest.mark.long)])
def test_every_address_that_is_read_answers_a_reader_s_key_as_described(tmp_path, examples):
    """Behind a login, with the key that R and pandas get; the laboratory asks for more."""
    settings = Settings(data_dir=tmp_path, recipe=RECIPE, require_login=True)
    application = filled_application(tmp_path, settings)
    with open_installation(settings) as home:
        role, now = AccountRole.ADMIN, clock.now()
        add_account(home, "A", role=role, password="long enough for it", by=SHELL, now=now)
        key = add_key(home, "reader", scopes=PRESETS["R and pandas"], days=1, by=SHELL, now=now)
    with TestClient(application):
        found = conformance(
            application,
            examples=examples,
            phases=["fuzzing"],
            headers={"Authorization": f"Bearer {key.token}"},
            reads_only=True,
        )
    assert found.failures == []
    assert {one.partition(" ")[0] for one in found.operations} == {"GET"}
    assert len(found.operations) > 130
