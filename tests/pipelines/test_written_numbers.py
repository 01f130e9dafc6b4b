"""One number has the same digits wherever it is written."""

import numpy as np
import pytest

from presslens.app.cli.estimates_in_words import number_in_words
from presslens.app.platform.language import language
from presslens.app.web.metric_words import metric_number
from presslens.pipelines.result import rounded
from presslens.pipelines.statistics.claim.quantity import Quantity
from presslens.pipelines.statistics.metrics import Metric
from presslens.pipelines.written_numbers import in_tenths, percent

ENGLISH = language("en")


@pytest.mark.parametrize(
    ("value", "text"),
    [(7.7177 / 116, "6.7%"), (0.0665, "6.7%"), (0.545, "55%"), (0.5449, "54%"), (0.0996, "10%"),
     (0.0, "0%"), (1.0, "100%"), (0.1 + 0.2 - 0.3, "0%"), (0.00004, "0%")],
)  # fmt: skip
def test_halves_are_rounded_up(value, text):
    assert percent(value) == ENGLISH.percent(value) == text


def test_pages_commands_and_served_numbers_agree():
    rng = np.random.default_rng(3)
    shares = [k / n for n in rng.integers(3, 400, 300).tolist() for k in [int(rng.integers(0, n))]]
    for share in shares:
        texts = {
            percent(share),
            percent(rounded(share)),
            ENGLISH.percent(share),
            metric_number(rounded(share), "children", ENGLISH),
            number_in_words(Metric("children"), share),
        }
        assert len(texts) == 1, share
        assert in_tenths(share) == in_tenths(rounded(share))
    for mean in (13.25, 13.245, 2.8333, 116.0):
        written = metric_number(mean, "photos_per_page", ENGLISH)
        assert number_in_words(Metric("photos_per_page"), mean) == written
        assert str(Quantity.exact(mean)) == written
    assert str(Quantity(0.0343, -0.02, 27.027)) == "0.034 (-0.02 to 27.03)"
