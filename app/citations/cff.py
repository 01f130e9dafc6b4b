"""Citations as CITATION.cff, https://citation-file-format.github.io/ ."""

from __future__ import annotations

import json
from collections.abc import Iterator

from presslens.app.citations.citation import UNSTATED, Citation, CitedAuthor


def citation_file(citation: Citation, *, sha256: str, program: str, code_address: str = "") -> str:
    """Return the citation of a data set as a CITATION.cff.

    Args:
        sha256: The hash of its tables.
        program: The version of Presslens that made it.
        code_address: The address of the program's source; "": unknown.
    """
    lines = [
        "cff-version: 1.2.0",
        'message: "Please cite this data set as below."',
        "type: dataset",
        f"title: {_quoted(citation.title)}",
        "authors:",
        *(
            line
            for author in citation.authors or (CitedAuthor(UNSTATED),)
            for line in _author(author)
        ),
    ]
    optional = {
        "date-released": citation.day.isoformat() if citation.day else "",
        "version": citation.version,
        "license": citation.licence,
        "doi": citation.doi,
        "url": citation.address,
        "repository-code": code_address,
        "abstract": citation.abstract,
    }
    lines += [f"{name}: {_quoted(value)}" for name, value in optional.items() if value]
    if citation.keywords:
        lines += ["keywords:", *(f"  - {_quoted(word)}" for word in citation.keywords)]
    lines += [
        "identifiers:",
        "  - type: other",
        f'    value: "sha256:{sha256}"',
        '    description: "Hash of the tables; see the manifest of the snapshot"',
        "references:",
        "  - type: software",
        '    title: "Presslens"',
        f"    version: {_quoted(program)}",
        '    license: "AGPL-3.0-or-later"',
        f'    notes: "recipe {citation.recipe_id}"',
        "    authors:",
        '      - name: "Presslens"',
    ]
    if code_address:
        lines.append(f"    repository-code: {_quoted(code_address)}")
    return "\n".join(lines) + "\n"


def _author(author: CitedAuthor) -> Iterator[str]:
    if not author.family:
        yield f"  - name: {_quoted(author.name)}"
        return
    yield f"  - family-names: {_quoted(author.family)}"
    if author.given:
        yield f"    given-names: {_quoted(author.given)}"
    if author.orcid:
        yield f"    orcid: {_quoted(author.orcid_address)}"
    if author.affiliation:
        yield f"    affiliation: {_quoted(author.affiliation)}"


def _quoted(text: str) -> str:
    """Return a text as a YAML string: JSON's are."""
    return json.dumps(" ".join(text.split()), ensure_ascii=False)
