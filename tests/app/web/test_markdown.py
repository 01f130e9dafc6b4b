"""Documents of the project as parts of pages."""

import re

from presslens.app.web.markdown import TEXTS, anchor, document, rendered


def test_documents_are_rendered_without_title_below_a_heading_of_the_page() -> None:
    for name in ("codebook", "method"):
        html = str(rendered(name))
        source = (TEXTS / f"{name}.md").read_text(encoding="utf-8")
        headings = re.findall(r"^## (.+)$", source, re.MULTILINE)
        assert headings
        for heading in headings:
            assert f'<h3 id="{name}-{anchor(heading)}">' in html
        assert "<h1" not in html
        assert "<h2" not in html
        assert "<img" not in html
        assert html.count("<table>") == html.count('<div class="scroll" tabindex="0"><table>')


def test_a_translated_document_has_every_part_of_the_english_one() -> None:
    for name in ("codebook", "data-protection"):
        english, korean = (document(name, code) for code in ("en", "ko"))
        assert korean.startswith('<div class="document" lang="ko">')
        for part in ("<li>", "<tr>", "<h3", "<p>", "<pre"):
            assert korean.count(part) == english.count(part)


def test_links_lead_to_where_documents_are_shown_or_nowhere() -> None:
    html = str(rendered("method"))
    targets = re.findall(r'href="([^"]+)"', html)
    assert all(target.startswith(("/method#", "http")) for target in targets)
    assert html.count("<a ") + html.count("<span") >= len(targets)
    assert html.count("<a ") == html.count("</a>")
