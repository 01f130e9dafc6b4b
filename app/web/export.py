"""What is on the screen as files: photos of a filter, statistics, whole tables, and archives."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated
from urllib.parse import parse_qsl, urlencode

from fastapi import Query, Response

from presslens.app.api import links
from presslens.app.api.access import needs
from presslens.app.api.params import Home
from presslens.app.api.photos import Filtered, Sorted
from presslens.app.db.queries import EditionScope
from presslens.app.platform import clock
from presslens.app.platform.language import Language, language
from presslens.app.platform.permissions import Permission
from presslens.app.services.catalogue.facets import count_facets
from presslens.app.services.catalogue.filter_words import filter_in_words
from presslens.app.services.catalogue.photo_filter import PhotoSort
from presslens.app.services.catalogue.publications import publication_names
from presslens.app.services.exports.export import PAGE_FORMATS
from presslens.app.services.exports.photo_package import cite
from presslens.app.services.statistics.by_group import GroupBy
from presslens.app.services.statistics.queries import read_metric
from presslens.app.web.citation import citation
from presslens.app.web.page_router import CITED, PageRouter, Render, Rows

router = PageRouter()

COLUMNS = ("name", "form", "use", "address")
OF_SCOPE = ("publication", "from", "to", "edition")
"""The parameters that exports of whole editions take."""

OF_STATISTICS = ("metric", "by")


@dataclass(frozen=True, slots=True)
class FileOffer:
    """A file that can be taken away."""

    name: str  # of its group: photos, statistics, tables, images or archive
    form: str  # the format, as its link says it
    use: str  # what it is good for, in a sentence
    address: str  # where it is


@router.page("/export", twins=CITED)
@needs(Permission.EXPORT, logged=False)
def show_exports(
    home: Home,
    render: Render,
    photo_filter: Filtered,
    sort: Sorted = PhotoSort.DATE,  # noqa: ARG001 - part of the query
    metric: Annotated[str | None, Query(max_length=300, description="a statistic too")] = None,
    by: Annotated[GroupBy, Query(description="groups of the statistic")] = GroupBy.MONTH,
) -> Response:
    """Show what a query can be taken away as, how many rows that is, and how to cite it."""
    spoken = language(render.code)
    query = parse_qsl(render.request.url.query)
    photos = [(name, value) for name, value in query if name not in (*OF_STATISTICS, "lang")]
    scope = [(name, value) for name, value in query if name in OF_SCOPE]
    words = filter_in_words(photo_filter, decision=home.recipe.aggregate.decision)
    permalink = _with_query("/export", photos)
    offers = _photo_offers(photos, spoken) + _edition_offers(scope, photo_filter.scope, spoken)
    if metric is not None:
        read_metric(metric)
        offers += _statistic_offers([("metric", metric), ("by", by.value), *scope], spoken)
    files = [asdict(one) for one in offers]
    document = {
        "recipe": home.recipe.id,
        "query": str(words),
        "citation": cite(home, words, permalink, clock.now().date()),
        "files": files,
    }

    def counted() -> dict[str, int]:
        facets = count_facets(home, photo_filter)
        return {"photos": facets.photos, "editions": facets.editions}

    return render(
        "export.html",
        document=lambda: {**document, **counted()},
        table=lambda: Rows(COLUMNS, files),
        section="export",
        offers=offers,
        words=words,
        counted=counted,
        recipe=home.recipe.id,
        cite=lambda: citation(
            home,
            render,
            spoken.text("photos, %(words)s", words=spoken.say(words)),
            home.recipe.id,
            spoken,
        ),
        scope=photo_filter.scope,
        filtered=bool(photos),
        gallery=_with_query("/gallery", photos),
        others=[(name, value) for name, value in photos if name not in OF_SCOPE],
        publications=publication_names(home),
        metric=metric,
    )


def _photo_offers(query: list[tuple[str, str]], spoken: Language) -> list[FileOffer]:
    def at(ending: str) -> str:
        return _with_query(f"{links.ROOT}/photos.{ending}", query)

    return [
        FileOffer("photos", "CSV", spoken.text("for spreadsheets, R and pandas"), at("csv")),
        FileOffer(
            "photos",
            spoken.text("ZIP with README"),
            spoken.text(
                "to keep with a paper: the CSV, what each column means, the query and the citation"
            ),
            at("zip"),
        ),
        FileOffer(
            "photos", "Parquet", spoken.text("for large lists in R (arrow), pandas, DuckDB"),
            at("parquet"),
        ),
        FileOffer("photos", "JSON", spoken.text("for programs: one object a line"), at("ndjson")),
    ]  # fmt: skip


def _edition_offers(
    query: list[tuple[str, str]], scope: EditionScope, spoken: Language
) -> list[FileOffer]:
    def at(form: str) -> str:
        return _with_query(f"{links.ROOT}/exports/{form}", query)

    whole = spoken.text("every table with keys between them, in a ZIP file with a data package")
    iiif = (
        spoken.text("for viewers such as Mirador: the pages with their photos as annotations")
        if scope.edition is not None
        else spoken.text("for viewers such as Mirador: a collection of all editions")
    )
    wide = spoken.text(
        "one wide table: a row a photo, all measures, what people answered, weights of samples"
    )
    return [
        FileOffer("wide", "CSV", wide, at("photos")),
        FileOffer(
            "wide",
            "Parquet",
            spoken.text("the same for R (arrow), pandas, DuckDB"),
            _with_query(f"{links.ROOT}/exports/photos", [("format", "parquet"), *query]),
        ),
        FileOffer("tables", "CSV", whole, at("csv")),
        FileOffer("tables", "Parquet", whole, at("parquet")),
        FileOffer("tables", "JSON", whole, at("json")),
        FileOffer(
            "images",
            "COCO",
            spoken.text("for training detectors: boxes of photos, persons and figures"),
            at("coco"),
        ),
        FileOffer(
            "images",
            "COCO + JPEG",
            spoken.text("to correct photos in CVAT: their boxes, and the pictures of the pages"),
            _with_query(
                f"{links.ROOT}/exports/coco",
                [(part, "true") for part in ("photos_only", "boxes_only", "images")] + query,
            ),
        ),
        FileOffer(
            "images",
            "Label Studio",
            spoken.text("to correct photos in Label Studio: tasks, and the pictures of the pages"),
            _with_query(f"{links.ROOT}/exports/label-studio", [("images", "true"), *query]),
        ),
        FileOffer("images", "IIIF", iiif, at("iiif")),
        *(
            [FileOffer("images", "PDF", spoken.text("to read and to print: all pages"), at("pdf"))]
            if scope == EditionScope(edition=scope.edition) and scope.edition is not None
            else []
        ),
        *(
            FileOffer("images", one.title, spoken.say(one.purpose), at(name))
            for name, one in PAGE_FORMATS.items()
        ),
        FileOffer(
            "images",
            "METS",
            spoken.text("for digital libraries: whole editions, with ALTO and the pages' pictures"),
            _with_query(f"{links.ROOT}/exports/mets", [("images", "true"), *query]),
        ),
        FileOffer(
            "archive",
            spoken.text("Snapshot"),
            spoken.text("to cite and to replicate: all results, importable into another Presslens"),
            at("snapshot"),
        ),
    ]


def _statistic_offers(query: list[tuple[str, str]], spoken: Language) -> list[FileOffer]:
    def at(ending: str) -> str:
        return _with_query(f"{links.ROOT}/stats{ending}", query)

    return [
        FileOffer("statistics", "CSV", spoken.text("the numbers with their intervals"), at(".csv")),
        FileOffer("statistics", "JSON", spoken.text("the same for programs"), at("")),
        FileOffer("statistics", "SVG", spoken.text("the chart, to be edited"), at(".svg")),
        FileOffer("statistics", "PNG", spoken.text("the chart, for slides"), at(".png")),
        FileOffer("statistics", "PDF", spoken.text("the chart, for print"), at(".pdf")),
    ]


def _with_query(path: str, query: list[tuple[str, str]]) -> str:
    return f"{path}?{urlencode(query)}" if query else path
