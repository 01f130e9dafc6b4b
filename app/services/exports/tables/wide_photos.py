"""The list of photos as one wide table: a row a photo, with all that is said of it."""

from __future__ import annotations

from presslens.app.db.exported import (
    Column,
    ColumnType,
    TableShape,
    boolean,
    box,
    digest,
    integer,
    one_of,
    share,
    string,
)
from presslens.app.services.catalogue.photo_entry import APPEARANCE, COUNTED
from presslens.models.vocabulary import Focus, Subject
from presslens.pipelines.statistics.layout import Quadrant

SEVERAL = "; several figures are parted by semicolons, in the order of figures"

SHOWN = {
    "area_share": "share of the photo that the figure's body takes",
    "face_share": "face-ism: the face's share of the visible body's height",
    "centrality": "closeness of the figure's body to the middle of the photo, 0-1",
    "size_rank": "1 if no other person in the photo is larger",
    "people_beside": "number of others who were detected",
    "row": "front, middle or back",
    "shot_size": "close, medium or long",
    "facing": "camera, left or right",
}
"""What the columns of a figure's appearance say; the codebook says it at length."""


def _columns() -> tuple[Column, ...]:
    probabilities = (
        share(
            subject.value, f"probability that the photo shows it ({subject.value})", nullable=True
        )
        for subject in Subject
    )
    counts = (
        integer(
            f"{subject.value}_count",
            "estimated number of " + ("children" if subject is Subject.CHILDREN else "people"),
            nullable=True,
        )
        for subject in COUNTED
    )
    appearance = (
        string(f"figures_{name}", SHOWN[name] + SEVERAL, nullable=True) for name in APPEARANCE
    )
    return (
        integer("id", "the photo; /photos/ID shows it", low=1),
        string("publication", "name of the newspaper", free_text=True),
        Column("date", ColumnType.DATE, "day of the edition"),
        integer("edition", "the edition; /editions/ID shows it", low=1),
        integer("page", "the page; /pages/ID shows it", low=1),
        integer("page_number", "number of the page in the edition; 1 is the front page", low=1),
        *box("the photo"),
        share("score", "how sure the finder is that there is a photo; no calibrated probability"),
        share("area_share", "share of the page's area that the photo takes"),
        boolean("above_fold", "the middle of the photo lies in the upper half of the page"),
        one_of("quadrant", Quadrant, "quarter of the page that the photo's middle lies in"),
        boolean("lead", "it is the largest photo of its page"),
    boolean("by_hand", "a person has drawn it"),
        *probabilities,
        *counts,
        string(
            "figures",
            "names of the enrolled figures who are seen, sure or not; parted by semicolons",
            nullable=True,
            free_text=True,
        ),
        string("figures_probability", f"probability of each{SEVERAL}", nullable=True),
        string("figures_answer", f"yes or unsure{SEVERAL}", nullable=True),
        string("figures_told_by", f"face, or context: the place of a poor face{SEVERAL}",
               nullable=True),
        *appearance,
        one_of(
            "focus",
            Focus,
            "what the photo is composed around; empty where nobody has looked at a drawn photo yet",
            nullable=True,
        ),
        share("focus_leader", "score of the focus on the leader", nullable=True),
        share("focus_facility", "score of the focus on the facility", nullable=True),
        string(
            "labels",
            "labels with the recipe's decision probability at least; parted by semicolons",
            nullable=True,
            free_text=True,
        ),
        string("caption", "the printed caption, where one was read", nullable=True, free_text=True),
        digest("recipe", "the recipe that the row was made by"),
        string("label_set", "version of the labels that the photo was read for", nullable=True),
    )  # fmt: skip


WIDE_PHOTOS = TableShape(
    "photos",
    "A photo on a page that prints it, with all that the machine says of it: one wide table for"
    " R, pandas and spreadsheets. One that is printed on two pages has two rows.",
    ("id", "page"),
    _columns(),
)
"""The columns of ``PhotoEntry.row``, as they stand in CSV too."""
