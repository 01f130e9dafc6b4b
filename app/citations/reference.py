"""Citations for reference managers: BibTeX, RIS and CSL-JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from presslens.app.citations.citation import Citation, CitedAuthor, CitedKind

_LATEX = str.maketrans(
    {
        "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#",
        "_": r"\_", "%": r"\%", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    }
)  # fmt: skip
"""Escapes of characters of LaTeX commands; other letters are UTF-8."""

_ADDRESS = str.maketrans({"{": "%7B", "}": "%7D", "\\": "%5C", " ": "%20"})
"""Escapes of characters that end an address in BibTeX."""


def bibtex(citation: Citation) -> str:
    """Return a citation as an entry of BibTeX, for biblatex too."""
    fields = {
        "author": " and ".join(_bibtex_author(author) for author in citation.authors),
        "title": f"{{{_latex(citation.title)}}}",
        "year": str(citation.day.year) if citation.day else "",
        "month": str(citation.day.month) if citation.day else "",
        "version": _latex(citation.version),
        "publisher": f"{{{_latex(citation.publisher)}}}" if citation.publisher else "",
        "howpublished": _latex(_medium(citation)),
        "doi": citation.doi.translate(_ADDRESS),
        "url": _url(citation).translate(_ADDRESS),
        "urldate": citation.day.isoformat() if citation.day and _is_seen(citation) else "",
        "note": _latex(note(citation)),
    }
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    return f"@misc{{{citation.key},\n" + ",\n".join(lines) + "\n}\n"


def ris(citation: Citation) -> str:
    """Return a citation in the format of RIS."""
    return "".join(f"{tag}  - {_line(value)}\r\n" for tag, value in _ris_fields(citation))


def _ris_fields(citation: Citation) -> Iterator[tuple[str, str]]:
    yield "TY", "ELEC" if citation.kind is CitedKind.PAGE else "DATA"
    yield "ID", citation.key
    for author in citation.authors:
        yield "AU", author.name
    yield "TI", citation.title
    day = citation.day
    written = f"{day:%Y/%m/%d}" if day else ""
    optional = {
        "PY": str(day.year) if day else "",
        "DA": written,
        "ET": citation.version,
        "PB": citation.publisher,
        "AB": citation.abstract,
        "DO": citation.doi,
        "UR": _url(citation),
        "Y2": written if _is_seen(citation) else "",
        "LA": citation.language,
        "N1": note(citation),
    }
    yield from ((tag, value) for tag, value in optional.items() if value)
    for word in citation.keywords:
        yield "KW", word
    yield "ER", ""


def csl(citation: Citation) -> str:
    """Return a citation as CSL-JSON, a list of one item."""
    return json.dumps([csl_item(citation)], ensure_ascii=False, indent=1) + "\n"


def csl_item(citation: Citation) -> dict[str, Any]:
    """Return a citation as an item of CSL-JSON."""
    day = citation.day
    parts = {"date-parts": [[day.year, day.month, day.day]]} if day else None
    item = {
        "id": citation.key,
        "type": "webpage" if citation.kind is CitedKind.PAGE else "dataset",
        "author": [_csl_author(author) for author in citation.authors],
        "title": citation.title,
        "issued": parts,
        "accessed": parts if _is_seen(citation) else None,
        "version": citation.version,
        "publisher": citation.publisher,
        "abstract": citation.abstract,
        "keyword": ", ".join(citation.keywords),
        "DOI": citation.doi,
        "URL": _url(citation),
        "language": citation.language,
        "note": note(citation),
    }
    return {name: value for name, value in item.items() if value}


FORMATS: Mapping[str, tuple[Callable[[Citation], str], str]] = {
    "bib": (bibtex, "application/x-bibtex; charset=utf-8"),
    "ris": (ris, "application/x-research-info-systems; charset=utf-8"),
    "csl.json": (csl, "application/vnd.citationstyles.csl+json"),
}
"""The function and the media type of each format, by file ending."""


def note(citation: Citation) -> str:
    """Return the provenance, for the note of a reference."""
    made = "numbers" if citation.facts else "machine-made"
    return "; ".join((*citation.facts, f"{made} by Presslens under recipe {citation.recipe}"))


def _url(citation: Citation) -> str:
    return citation.places[0] if citation.places else ""


def _is_seen(citation: Citation) -> bool:
    """Return whether the day of a citation is that of an access: at an address."""
    return citation.kind is CitedKind.PAGE and bool(citation.places)


def _medium(citation: Citation) -> str:
    return "web page" if citation.kind is CitedKind.PAGE else "data set"


def _latex(text: str) -> str:
    return _line(text).translate(_LATEX)


def _line(text: str) -> str:
    return " ".join(text.split())


def _bibtex_author(author: CitedAuthor) -> str:
    if not author.family:
        return f"{{{_latex(author.name)}}}"
    return f"{_latex(author.family)}, {_latex(author.given)}"


def _csl_author(author: CitedAuthor) -> dict[str, str]:
    if not author.family:
        return {"literal": author.name}
    return {"family": author.family, "given": author.given}
