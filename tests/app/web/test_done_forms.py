"""A form that was sent does nothing when it is sent again."""

import pytest

from presslens.app.platform.errors import Conflict
from presslens.app.web import done_forms
from presslens.app.web.done_forms import DoneForms


def test_a_form_is_done_once_and_again_after_an_error(monkeypatch):
    monkeypatch.setattr(done_forms, "MOST", 2)
    forms = DoneForms()
    with pytest.raises(KeyError), forms.once("a"):
        raise KeyError
    with forms.once("a"), pytest.raises(Conflict, match="done already"), forms.once("a"):
        pass
    for mark in ("", "", "b", "c"):
        with forms.once(mark):
            pass
    with forms.once("a"):
        pass  # forgotten by now
