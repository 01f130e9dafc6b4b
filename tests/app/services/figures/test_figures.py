"""Names that figures can have."""

import pytest

from presslens.app.platform import clock
from presslens.app.platform.errors import InvalidRequest
from presslens.app.services.figures.figures import add_figure


@pytest.mark.parametrize("name", ["", "  ", "a" * 300, "two\nlines", "A/B", "a@b"])
def test_a_name_that_no_metric_could_name_is_refused(home, name):
    with pytest.raises(InvalidRequest, match="a figure's name"):
        add_figure(home, name, now=clock.now())
