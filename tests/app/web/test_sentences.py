"""What pages say can be read aloud: terms of statistics and of the program stand in notes."""

import re

from fastapi.testclient import TestClient
from lxml import html

from presslens.app.drill.site_map import page_paths
from presslens.app.main import create_app

from ..filled_archive import filled as filled
from ..filled_archive import full as full

TERMS = re.compile(
    r"\b(PELT|logits?|HAC|log-odds|odds|flagged from|estimands?|epoch|kappa|Holm|Bonferroni"
    r"|Benjamini|bootstrap|posterior|priors?|covariates?|regression|calibrations?|estimators?|metrics?"
    r"|embeddings?|cosine|quantiles?|percentiles?|p90|prevalence|permalinks?|strat(a|um)|F1|AP|null"
    r"|observations?|recipes?(?! [0-9a-f]{8})|family-wise|false discovery rate|point estimate"
    r"|chance alone would put)\b",
    re.IGNORECASE,
)
NOTES = (
    "//script", "//style", "//template", "//details/*[not(self::summary)]", "//code", "//pre",
    "//select", "//blockquote", "//table[@class='vocabulary']",
    # What the codebook and the page of data protection say is a document.
    "//main//*[@id='codebook']/following-sibling::*", "//*[@class='document']",
)  # fmt: skip
OF_PROGRAMS = {"docs", "privacy", "runs", "export", "method"}
"""Pages for who writes programs, runs the service, or takes data away; Method is a note itself."""

ASKED = {
    "practice": "/compare?inference=practice",
    "changes": "/timeline?metric=people&by=edition",
    "months": "/timeline?metric=photos&by=month",
}


def visible_sentences(page: str) -> list[str]:
    """Return what a page shows until somebody opens a note, a line for each part."""
    body = html.document_fromstring(page).find("body")
    for note in NOTES:
        for element in body.xpath(note):
            element.drop_tree()
    for element in body.iter("p", "li", "td", "th", "h1", "h2", "h3", "dt", "dd", "button", "div"):
        element.tail = "\n" + (element.tail or "")
    lines = (" ".join(line.split()) for line in body.text_content().splitlines())
    return [line for line in lines if line]


def test_every_sentence_can_be_read_aloud(full):
    """Each kind of page is read once, with a sample to code and without scripts."""
    sample = {"measures": ["people"], "items": 2, "name": "two", "coders": ["Ann", "Ben"]}
    with TestClient(create_app(full.settings), base_url="http://127.0.0.1") as client:
        client.post("/api/v1/samples", json=sample).raise_for_status()
        paths = page_paths(client) | ASKED
        found, sentences = [], 0
        for name in paths.keys() - OF_PROGRAMS:
            answer = client.get(paths[name])
            assert answer.status_code == 200, name
            lines = visible_sentences(answer.text)
            sentences += len(lines)
            found += [f"{name}: {line}" for line in lines if TERMS.search(line)]
    assert sentences > 500
    assert found == []
