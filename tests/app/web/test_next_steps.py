"""What stands beside wide and withheld numbers, and the words that stand in notes alone."""

import lxml.html
import pytest

from presslens.pipelines.statistics.metrics import Metric
from presslens.pipelines.statistics.width import is_wide

from .conftest import shown

FOR_WHO_ASKS = (
    "PELT",
    "logit",
    "flagged from",
    "chance alone",
    "the odds",
    "CR2",
    "Bonferroni",
    "p, corrected",
    "penalty",
    "any share of photos explains",
)
"""Terms that pages use in notes that a reader opens, and nowhere else."""


def read_aloud(page: str) -> str:
    """Return the text of a page without its notes and choices."""
    main = lxml.html.fromstring(page).xpath("//main")[0]
    for part in main.xpath(".//details | .//select | .//script"):
        part.drop_tree()
    return main.text_content()


def test_each_wide_share_has_a_step_that_draws_it(client, edition):
    shares = client.get(f"/editions/{edition}.json").json()["composition"]["shares"]
    wide = [k for k, one in shares.items() if is_wide(Metric(k), one["share"], one["interval"])]
    assert wide
    page = lxml.html.fromstring(shown(client, f"/editions/{edition}"))
    for name in wide:
        (step,) = page.xpath(f'//tr[@id="step-{name}"]')
        assert "photos" in step.text_content()
        assert step.xpath('.//form[@action="/review/more"]//button'), name
    form = page.xpath(f'//tr[@id="step-{wide[0]}"]//form')[0]
    sample = client.post("/review/more", data=dict(form.form_values()), follow_redirects=False)
    assert sample.status_code == 303
    again = lxml.html.fromstring(shown(client, f"/editions/{edition}"))
    (step,) = again.xpath(f'//tr[@id="step-{wide[0]}"]')
    assert "that wait" in step.text_content()


def test_a_count_is_made_exact_by_a_look_through_its_pages(client, edition):
    page = lxml.html.fromstring(shown(client, f"/editions/{edition}"))
    forms = page.xpath('//form[.//input[@name="kind" and @value="pages"]]')
    assert forms
    fields = dict(forms[0].form_values())
    first = client.post("/review/more", data=fields, follow_redirects=False)
    second = client.post("/review/more", data=fields, follow_redirects=False)
    assert first.headers["location"] == second.headers["location"]


@pytest.mark.parametrize("address", ["/timeline", "/timeline?metric=people", "/compare", "/claims"])
def test_terms_stand_in_notes_alone(client, edition, address):
    text = read_aloud(shown(client, address))
    assert not [term for term in FOR_WHO_ASKS if term in text]


def test_an_edition_and_its_photos_are_said_without_terms(client, edition):
    photo = client.get("/api/v1/photos").json()["photos"][0]["id"]
    for address in (f"/editions/{edition}", f"/photos/{photo}"):
        text = read_aloud(shown(client, address))
        assert not [term for term in FOR_WHO_ASKS if term in text]


def test_numbers_are_wide_by_what_an_interval_tells():
    assert is_wide(Metric("children"), 0.1, (0.0, 0.2))
    assert not is_wide(Metric("children"), 0.1, (0.05, 0.19))
    assert is_wide(Metric("full_page_photo_pages"), 1, (0, 2))
    assert not is_wide(Metric("photos"), 116, (113, 120))
    assert not is_wide(Metric("photos"), 116, None)
    assert is_wide(Metric("children"), 0.1, None)
