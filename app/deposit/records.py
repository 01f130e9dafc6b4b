"""The records of a deposit for repositories: DataCite JSON, ``.zenodo.json``, and the README.

The README begins with the fields that Hugging Face reads.
https://schema.datacite.org/ , https://developers.zenodo.org/#representation ,
https://huggingface.co/docs/hub/datasets-cards
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from presslens.app.citations.citation import SPDX, UNSTATED, CitedAuthor
from presslens.app.citations.reference import bibtex, note
from presslens.app.db.exported import TableShape
from presslens.app.deposit.description import KEYWORDS, SCANS, DepositedPart, Description, filled
from presslens.app.services.exports.snapshot.manifest import SnapshotManifest
from presslens.models.languages import three_letters

CARD_LICENCES = (
    "cc0-1.0", "cc-by-2.0", "cc-by-2.5", "cc-by-3.0", "cc-by-4.0", "cc-by-sa-3.0", "cc-by-sa-4.0",
    "cc-by-nc-2.0", "cc-by-nc-3.0", "cc-by-nc-4.0", "cc-by-nd-4.0", "cc-by-nc-nd-3.0",
    "cc-by-nc-nd-4.0", "cc-by-nc-sa-2.0", "cc-by-nc-sa-3.0", "cc-by-nc-sa-4.0", "pddl", "mit",
    "apache-2.0", "odbl",
)  # fmt: skip
"""The licences of data that Hugging Face names, https://hf.co/docs/hub/repositories-licenses ."""

SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
"""Hugging Face's size categories, by the number that photos are fewer than."""


def datacite(about: Description) -> dict[str, Any]:
    """Return the record of DataCite 4.5, as its JSON has it."""
    cited = about.citation
    record: dict[str, Any] = {
        "schemaVersion": "http://datacite.org/schema/kernel-4",
        "doi": cited.doi,
        "url": cited.address,
        "types": {"resourceTypeGeneral": "Dataset", "resourceType": "Snapshot of measurements"},
        "creators": [_creator(author) for author in cited.authors or (CitedAuthor(UNSTATED),)],
        "titles": [{"title": cited.title}],
        "publisher": {"name": cited.publisher or UNSTATED},
        "publicationYear": str(about.day.year),
        "dates": [{"date": about.day.isoformat(), "dateType": "Issued"}, *_covered(about)],
        "language": about.languages[0] if about.languages else "",
        "version": cited.version,
        "subjects": [{"subject": word} for word in _keywords(about)],
        "descriptions": [
            {"description": cited.abstract, "descriptionType": "Abstract"},
            {"description": note(cited), "descriptionType": "Methods"},
        ],
        "rightsList": [_rights(parts) for parts in about.licensed.values()],
        "fundingReferences": [
            filled({"funderName": one.name, "awardNumber": one.award}) for one in about.funders
        ],
        "alternateIdentifiers": [
            {
                "alternateIdentifier": about.manifest.content_sha256,
                "alternateIdentifierType": "sha256 of the tables",
            }
        ],
        "relatedIdentifiers": _code(about),
        "formats": ["text/csv", "application/vnd.apache.parquet"],
    }
    return filled(record)


def zenodo(about: Description) -> dict[str, Any]:
    """Return the record that Zenodo reads from ``.zenodo.json``."""
    cited = about.citation
    record: dict[str, Any] = {
        "upload_type": "dataset",
        "title": cited.title,
        "creators": [
            filled({"name": author.name, "orcid": author.orcid, "affiliation": author.affiliation})
            for author in cited.authors or (CitedAuthor(UNSTATED),)
        ],
        "description": cited.abstract,
        "publication_date": about.day.isoformat(),
        "access_right": "open" if cited.licence else "",
        "license": cited.licence.lower(),
        "doi": cited.doi,
        "version": cited.version,
        "keywords": _keywords(about),
        "notes": "; ".join(_notes(about)),
        "method": note(cited),
        "language": three_letters(about.languages[0]) if about.languages else "",
        "related_identifiers": [
            {"identifier": about.code_address, "relation": "isCompiledBy",
             "resource_type": "software"}
        ] if about.code_address else [],
    }  # fmt: skip
    return filled(record)


def card(about: Description, tables: Mapping[str, tuple[str, Sequence[TableShape]]]) -> str:
    """Return the README: the fields of Hugging Face's card, and what people read.

    Args:
        tables: The prefix of the names of tables, and the tables, by the pattern of their files,
            "data/tables/{}.parquet" for instance.
    """
    fields: dict[str, Any] = {
        "pretty_name": about.citation.title,
        **_card_licence(about.citation.licence),
        "language": [code.partition("-")[0] for code in about.languages],
        "size_categories": [_size(about.manifest.photos)],
        "tags": _keywords(about),
        "configs": [
            {
                "config_name": f"{prefix}{shape.name}",
                "data_files": place.format(shape.name),
                **({"default": True} if (prefix, shape.name) == ("", "photos") else {}),
            }
            for place, (prefix, shapes) in tables.items()
            for shape in shapes
        ],
    }
    front = "\n".join(
        f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in filled(fields).items()
    )
    return f"---\n{front}\n---\n\n{_readme(about)}"


def licences(about: Description) -> str:
    """Return the licences of the parts of a deposit, as Markdown."""
    rows = "\n".join(
        f"| {part.part} | {f'`{part.place}`' if part.place else 'not in this deposit'}"
        f" | {part.licence or ('–' if part.part == SCANS else 'nobody has said')} |"
        for part in about.parts
    )
    return (
        "# Licences\n\nEach part has its own. Names are SPDX identifiers"
        f" ({SPDX}) but for scans, whose rights are said in words.\n\n"
        f"| part | where | licence |\n|---|---|---|\n{rows}\n"
    )


def counts(manifest: SnapshotManifest) -> str:
    """Return the contents of a snapshot as counts, a line of the README."""
    return f"{manifest.counts}, {manifest.span}"


def _notes(about: Description) -> Iterator[str]:
    """Yield what Zenodo has no field for."""
    yield note(about.citation)
    yield f"sha256 of the tables {about.manifest.content_sha256}"
    if about.coverage:
        yield f"days of the editions {about.coverage}"
    for one in about.funders:
        yield f"funded by {one.name}" + (f", award {one.award}" if one.award else "")
    for licence, parts in about.licensed.items():
        yield f"{', '.join(part.place for part in parts)}: {licence}"


def _readme(about: Description) -> str:
    cited, manifest = about.citation, about.manifest
    coders = "Coders are named, as they were asked." if about.named else (
        "Coders have pseudonyms, the same one everywhere in this deposit; their remarks are out."
    )  # fmt: skip
    scans = (
        f"The scans lie in `data/scans`, named by their sha256: {about.scans.rstrip('.')}."
        if about.scans
        else "The scans are not in it."
    )
    return README.format(
        title=cited.title,
        abstract=f"{cited.abstract}\n\n" if about.described else "",
        counts=counts(manifest),
        note=note(cited)[:1].upper() + note(cited)[1:],
        scans=scans,
        coders=coders,
        bibtex=bibtex(cited),
        version=manifest.presslens,
        licences=licences(about).partition("\n")[2].strip(),
    )


README = """# {title}

{abstract}{counts}. {note}.

## What is in it

- `data/snapshot`: all measurements, answers of people and decisions as CSV, and the recipe, which
  holds all rules
- `data/tables`: the tables as Parquet, as they are published
- `data/numbers`: the published numbers: editions, months, newspapers, comparisons, claims, and the
  methods paragraph
- `data/documents`: the codebook, and what each column means
- `CITATION.cff`, `datacite.json`, `.zenodo.json`, `croissant.json`, `ro-crate-metadata.json`: the
  same description for programs
- `bagit.txt`, `manifest-sha256.txt`: the hash of each file; this folder is a BagIt bag

{scans} No face, no embedding and no image feature is in it. Only enrolled public figures are named.
{coders}

## How to cite it

```bibtex
{bibtex}```

## How to check it

`sha256sum -c manifest-sha256.txt` checks the files. `presslens verify .` (Presslens {version} or
later) computes every published number again from these files alone, and says which holds.

## Licences

{licences}
"""


def _creator(author: CitedAuthor) -> dict[str, Any]:
    if not author.family:
        return {"name": author.name, "nameType": "Organizational"}
    creator: dict[str, Any] = {
        "name": author.name,
        "nameType": "Personal",
        "familyName": author.family,
        "givenName": author.given,
    }
    if author.orcid:
        creator["nameIdentifiers"] = [
            {
                "nameIdentifier": author.orcid_address,
                "nameIdentifierScheme": "ORCID",
                "schemeUri": "https://orcid.org",
            }
        ]
    if author.affiliation:
        creator["affiliation"] = [{"name": author.affiliation}]
    return creator


def _covered(about: Description) -> list[dict[str, str]]:
    if not about.coverage:
        return []
    information = "coverage: days of the editions"
    return [{"date": about.coverage, "dateType": "Other", "dateInformation": information}]


def _rights(parts: Sequence[DepositedPart]) -> dict[str, str]:
    """Return the rights of the parts that have a licence."""
    licence = parts[0].licence
    rights = {"rights": f"{licence} ({', '.join(part.place for part in parts)})"}
    if not parts[0].licence_address:
        return rights
    return rights | {
        "rightsUri": f"{parts[0].licence_address}.html",
        "rightsIdentifier": licence.lower(),
        "rightsIdentifierScheme": "SPDX",
        "schemeUri": SPDX,
    }


def _code(about: Description) -> list[dict[str, str]]:
    if not about.code_address:
        return []
    return [
        {
            "relatedIdentifier": about.code_address,
            "relatedIdentifierType": "URL",
            "relationType": "IsCompiledBy",
            "resourceTypeGeneral": "Software",
        }
    ]


def _keywords(about: Description) -> list[str]:
    return list(dict.fromkeys((*about.citation.keywords, *KEYWORDS)))


def _card_licence(licence: str) -> dict[str, str]:
    if not licence:
        return {}
    if licence.lower() in CARD_LICENCES:
        return {"license": licence.lower()}
    return {
        "license": "other",
        "license_name": licence.lower(),
        "license_link": f"{SPDX}{licence}.html",
    }


def _size(photos: int) -> str:
    return next((words for most, words in SIZES if photos < most), "n>1M")
