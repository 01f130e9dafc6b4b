"""A deposit as linked data: RO-Crate 1.2, and Croissant 1.0 for its tables.

https://w3id.org/ro/crate/1.2 , https://docs.mlcommons.org/croissant/docs/croissant-spec.html
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from presslens.app.citations.citation import CitedAuthor
from presslens.app.citations.reference import bibtex
from presslens.app.db.exported import Column, ColumnType, TableShape
from presslens.app.deposit.description import PROGRAM_LICENCE, DepositedPart, Description, filled

MEDIA_TYPES = {
    "csv": "text/csv", "parquet": "application/vnd.apache.parquet", "json": "application/json",
    "md": "text/markdown", "txt": "text/plain", "toml": "application/toml",
    "cff": "application/yaml", "html": "text/html",
    "jpg": "image/jpeg", "png": "image/png", "tif": "image/tiff", "pdf": "application/pdf",
}  # fmt: skip

CRATE, PREVIEW = "ro-crate-metadata.json", "ro-crate-preview.html"
CONTEXT = "https://w3id.org/ro/crate/1.2/context"
PROGRAM = "#presslens"
MAKING = "#making"

STYLE = (
    "body { font: 1rem/1.5 sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }"
    " td, th { text-align: left; padding: .2rem .8rem .2rem 0; overflow-wrap: anywhere; }"
    " td:nth-child(2) { text-align: right; }"
)
"""The style of the preview."""

_SCHEMA_TYPES = {
    ColumnType.INTEGER: "sc:Integer", ColumnType.NUMBER: "sc:Float",
    ColumnType.BOOLEAN: "sc:Boolean", ColumnType.DATE: "sc:Date",
    ColumnType.DATETIME: "sc:DateTime",
}  # fmt: skip
"""Types of Croissant; all others are texts."""


@dataclass(frozen=True, slots=True)
class DepositedFile:
    """A file of a deposit."""

    path: str  # below the deposit, with "/" between folders
    sha256: str
    bytes: int
    about: str = ""  # its description

    @property
    def media_type(self) -> str:
        """Its media type."""
        return MEDIA_TYPES.get(self.path.rpartition(".")[2], "application/octet-stream")


def crate(about: Description, files: Sequence[DepositedFile]) -> dict[str, Any]:
    """Return the metadata of an RO-Crate 1.2."""
    cited = about.citation
    people = [_agent(author, number) for number, author in enumerate(cited.authors, 1)]
    affiliations = [
        {"@id": f"#affiliation-{number}", "@type": "Organization", "name": author.affiliation}
        for number, author in enumerate(cited.authors, 1)
        if author.affiliation
    ]
    root: dict[str, Any] = {
        "@id": "./",
        "@type": "Dataset",
        "name": cited.title,
        "description": cited.abstract,
        "datePublished": about.day.isoformat(),
        "version": cited.version,
        "keywords": ", ".join(cited.keywords),
        "license": {"@id": cited.licence_address} if cited.licence else
        "no licence is stated: ask its authors",
        "identifier": cited.doi_address or f"sha256:{about.manifest.content_sha256}",
        "url": cited.address,
        "author": [{"@id": one["@id"]} for one in people],
        "publisher": {"@id": "#publisher"} if cited.publisher else None,
        "funder": [{"@id": f"#funder-{i}"} for i, _ in enumerate(about.funders, 1)],
        "funding": [{"@id": f"#award-{i}"} for i, one in enumerate(about.funders, 1) if one.award],
        "temporalCoverage": about.coverage,
        "mentions": {"@id": MAKING},
        "hasPart": [{"@id": file.path} for file in files],
    }  # fmt: skip
    graph = [
        {
            "@id": CRATE,
            "@type": "CreativeWork",
            "conformsTo": {"@id": "https://w3id.org/ro/crate/1.2"},
            "about": {"@id": "./"},
        },
        {name: _single(value) for name, value in filled(root).items()},
        *people,
        *affiliations,
        *(
            {"@id": f"#funder-{i}", "@type": "Organization", "name": one.name}
            for i, one in enumerate(about.funders, 1)
        ),
        *(
            {"@id": f"#award-{i}", "@type": "Grant", "name": one.award, "identifier": one.award,
             "funder": {"@id": f"#funder-{i}"}}
            for i, one in enumerate(about.funders, 1) if one.award
        ),
        *([{"@id": "#publisher", "@type": "Organization", "name": cited.publisher}]
          if cited.publisher else ()),
        *(
            {"@id": _licence(parts[0])["@id"], "@type": "CreativeWork", "name": name,
             "description": f"licence of {', '.join(part.part for part in parts)}"}
            for name, parts in about.licensed.items()
        ),
        filled({
            "@id": PROGRAM, "name": "Presslens",
            # RO-Crate requires the address of an application, which may be unknown.
            "@type": "SoftwareApplication" if about.code_address else "CreativeWork",
            "version": about.manifest.presslens, "url": about.code_address,
            "description": f"has measured, under recipe {cited.recipe_id};"
            f" {PROGRAM_LICENCE}",
        }),
        {
            "@id": MAKING, "@type": "CreateAction", "name": "measuring of the photographs",
            "instrument": {"@id": PROGRAM}, "result": {"@id": "./"},
            "endTime": about.day.isoformat(),
        },
        *(_entity(file, about.licence_of(file.path)) for file in files),
    ]  # fmt: skip
    return {"@context": CONTEXT, "@graph": graph}


def preview(about: Description, files: Iterable[DepositedFile]) -> str:
    """Return the HTML preview of an RO-Crate."""
    rows = "\n".join(
        f'<tr><td><a href="{html.escape(file.path)}">{html.escape(file.path)}</a></td>'
        f"<td>{file.bytes:,}</td><td>{html.escape(file.about)}</td></tr>"
        for file in files
    )
    title = html.escape(about.citation.title)
    return (
        '<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{STYLE}</style></head>\n"
        f"<body>\n<h1>{title}</h1>\n<p>{html.escape(about.citation.abstract)}</p>\n"
        f"<pre>{html.escape(bibtex(about.citation))}</pre>\n"
        "<table>\n<thead><tr><th>file</th><th>bytes</th><th>what it is</th></tr></thead>\n"
        f"<tbody>\n{rows}\n</tbody>\n</table>\n</body>\n</html>\n"
    )


def croissant(
    about: Description, files: Sequence[DepositedFile], tables: Mapping[str, TableShape]
) -> dict[str, Any]:
    """Return the description of the tables in Croissant 1.0.

    Args:
        files: Of the deposit.
        tables: The tables by the path of their file.
    """
    cited = about.citation
    document = {
        "@context": CROISSANT_CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": cited.title,
        "description": cited.abstract,
        "url": cited.places[0] if cited.places else "",
        "license": f"{cited.licence_address}.html" if cited.licence else "",
        "citeAs": bibtex(cited),
        "creator": [_creator(author) for author in cited.authors],
        "publisher": [{"@type": "sc:Organization", "name": cited.publisher}]
        if cited.publisher
        else [],
        "datePublished": about.day.isoformat(),
        "version": cited.version,
        "keywords": list(cited.keywords),
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": file.path,
                "name": file.path,
                "contentUrl": file.path,
                "encodingFormat": "application/x-parquet"
                if file.path.endswith(".parquet")
                else file.media_type,
                "sha256": file.sha256,
                "contentSize": f"{file.bytes} B",
            }
            for file in files
            if file.path in tables
        ],
        "recordSet": [_record_set(path, shape) for path, shape in tables.items()],
    }
    return filled(document)


def _creator(author: CitedAuthor) -> dict[str, Any]:
    """Return an author in the words of schema.org, which Croissant takes."""
    at = {"@type": "sc:Organization", "name": author.affiliation} if author.affiliation else None
    creator = {"@type": f"sc:{author.kind}", "name": author.name, "url": author.orcid_address}
    return filled({**creator, "affiliation": at})


CROISSANT_CONTEXT: dict[str, Any] = {
    "@language": "en", "@vocab": "https://schema.org/", "citeAs": "cr:citeAs",
    "column": "cr:column", "conformsTo": "dct:conformsTo", "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract", "field": "cr:field", "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject", "fileSet": "cr:fileSet", "format": "cr:format",
    "includes": "cr:includes", "isLiveDataset": "cr:isLiveDataset", "jsonPath": "cr:jsonPath",
    "key": "cr:key", "md5": "cr:md5", "parentField": "cr:parentField", "path": "cr:path",
    "recordSet": "cr:recordSet", "references": "cr:references", "regex": "cr:regex",
    "repeated": "cr:repeated", "replace": "cr:replace", "sc": "https://schema.org/",
    "separator": "cr:separator", "source": "cr:source", "subField": "cr:subField",
    "transform": "cr:transform",
}  # fmt: skip
"""The context that Croissant 1.0 prescribes."""


def _record_set(path: str, shape: TableShape) -> dict[str, Any]:
    name = path.rpartition(".")[0].removeprefix("data/").replace("/", "-")
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": shape.description,
        "key": [{"@id": f"{name}/{column}"} for column in shape.key],
        "field": [_field(name, path, column) for column in shape.columns],
    }


def _field(record_set: str, path: str, column: Column) -> dict[str, Any]:
    return {
        "@type": "cr:Field",
        "@id": f"{record_set}/{column.name}",
        "name": f"{record_set}/{column.name}",
        "description": column.description,
        "dataType": _SCHEMA_TYPES.get(column.type, "sc:Text"),
        "source": {"fileObject": {"@id": path}, "extract": {"column": column.name}},
    }


def _agent(author: CitedAuthor, number: int) -> dict[str, Any]:
    if not author.family:
        return {"@id": f"#author-{number}", "@type": "Organization", "name": author.name}
    return filled(
        {
            "@id": author.orcid_address or f"#author-{number}",
            "@type": "Person",
            "name": f"{author.given} {author.family}".strip(),
            "familyName": author.family,
            "givenName": author.given,
            "affiliation": {"@id": f"#affiliation-{number}"} if author.affiliation else None,
        }
    )


def _licence(part: DepositedPart) -> dict[str, str]:
    """Return the reference to the licence of a part, or to its line of rights."""
    return {"@id": part.licence_address or f"#rights-of-{part.part}"}


def _entity(file: DepositedFile, part: DepositedPart | None) -> dict[str, Any]:
    return filled(
        {
            "@id": file.path,
            "@type": "File",
            "name": file.path.rpartition("/")[2],
            "description": file.about,
            "encodingFormat": file.media_type,
            "contentSize": str(file.bytes),
            "sha256": file.sha256,
            "license": _licence(part) if part else None,
        }
    )


def _single(value: Any) -> Any:
    """Return the only item of a list of one, as RO-Crate has it."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value
