"""The columns of the wide table of photos: what is the same for every archive, and its measures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from presslens.app.db.exported import (
    FRAME,
    RECIPE,
    Column,
    ColumnType,
    TableShape,
    boolean,
    integer,
    number,
    one_of,
    pixels,
    share,
    string,
)
from presslens.models.vocabulary import Focus
from presslens.pipelines.statistics.layout import Quadrant

PRINTED = (
    integer("photo_id", "the photo", low=1),
    integer("page_id", "the page that prints it", low=1),
    FRAME,
    integer("edition_id", "the edition of that page", low=1),
    string("publication", "the newspaper", free_text=True),
    Column("date", ColumnType.DATE, "the day that the edition is of"),
    boolean("counted", "statistics count the edition"),
    boolean("superseded", "a later upload of the day stands in for the edition"),
    integer("page_number", "page number in the edition, from 1", low=1),
    boolean("front", "it is on the front page"),
    boolean("above_fold", "its middle lies in the upper half of the page"),
    boolean("lead", "it is the largest photo of its page"),
    one_of("quadrant", Quadrant, "the quarter of the page that its middle lies in"),
    *(pixels(name, "edge of its box") for name in ("x0", "y0", "x1", "y1")),
    share("area_share", "share of the page that it takes: the weight of a statistic by area"),
    share("score", "the confidence of the detector that it is a photo"),
    boolean("by_hand", "a person has drawn it"),
    one_of(
        "focus",
        Focus,
        "what it is composed around, by the machine; empty of a drawn photo that is not read yet,"
        " and where a share of this focus is not offered",
        nullable=True,
    ),
    string("caption", "its caption, where it was read", nullable=True, free_text=True),
)
"""The columns before those of measures."""

_UNSAFE = re.compile(r"\W+")


def column_names(measures: Iterable[str]) -> dict[str, str]:
    """Return a name for each measure that R and pandas take without quotes; no two are alike.

    Case alone does not tell two columns apart in DuckDB.

    >>> column_names(["children", "label:indoor", "figure:Kim Jong Un", "figure:kim-jong Un"])
    ... # doctest: +NORMALIZE_WHITESPACE
    {'children': 'children', 'label:indoor': 'label_indoor',
     'figure:Kim Jong Un': 'figure_Kim_Jong_Un', 'figure:kim-jong Un': 'figure_kim_jong_Un_2'}
    """
    names: dict[str, str] = {}
    taken: set[str] = set()
    for measure in measures:
        plain = name = _UNSAFE.sub("_", measure).strip("_")
        number = 1
        while name.casefold() in taken:
            number += 1
            name = f"{plain}_{number}"
        names[measure] = name
        taken.add(name.casefold())
    return names


def wide_spec(measures: Sequence[str], answered: Sequence[str]) -> TableShape:
    """Return the declaration of the table.

    Args:
        measures: Those that some photo was read for.
        answered: Those of them that people have answered, or that a sample was drawn for.
    """
    names = column_names(measures)
    columns = [
        share(
            f"p_{names[measure]}",
            f"probability that it shows {measure}, by the machine; missing: not looked for",
            nullable=True,
        )
        for measure in measures
    ]
    columns += [
        share(
            f"corrected_{names[measure]}",
            f"probability that it shows {measure}, after what people and the newspaper's other"
            " photos tell: its mean in an edition is the share that statistics state; missing: that"
            " is not offered",
            nullable=True,
        )
        for measure in measures
    ]
    for measure in answered:
        name = names[measure]
        columns += [
            integer(
                f"shows_{name}",
                f"coders settled that it shows {measure}, 1, or doesn't, 0; missing: nobody has",
                nullable=True,
            ),
            share(
                f"inclusion_{name}",
                f"chance with which the sample for {measure} drew it; missing: it did not",
                nullable=True,
            ),
            number(
                f"weight_{name}",
                f"1 / inclusion_{name}: the photos that it stands for",
                nullable=True,
            ),
            integer(f"stratum_{name}", "its stratum in that sample", nullable=True),
        ]
    return TableShape(
        "photos_wide",
        "One row for each photo on each page that prints it, with all that is known of it.",
        ("photo_id", "page_id"),
        (*PRINTED, *columns, RECIPE),
    )
