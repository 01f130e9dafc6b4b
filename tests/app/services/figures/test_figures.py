"""Names that figures can have."""

import pytest

from presslens.app.platform import clock
from presslens.app.platform.errors import Conflict, InvalidRequest
from presslens.app.services.figures.figures import add_figure


@pytest.mark.parametrize("name", ["", "  ", "a" * 300, "two\nlines", "A/B", "a@b"])
def test_a_name_that_no_metric_could_name_is_refused(home, name):
    with pytest.raises(InvalidRequest, match="a figure's name"):
        add_figure(home, name, now=clock.now())


@pytest.mark.parametrize("name", ["narendra modi", "Narendra  Modi", "Ｎarendra Modi"])
def test_a_name_that_case_or_spacing_alone_tells_apart_names_the_other(home, name):
    first = add_figure(home, "Narendra Modi", now=clock.now())
    with pytest.raises(Conflict, match="Narendra Modi is enrolled already"):
        add_figure(home, name, now=clock.now())
    assert add_figure(home, "Narendra Modi", now=clock.now()) == first
