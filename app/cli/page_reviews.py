"""``presslens reviews page``: what people say of the photos found on a page."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from presslens.app.cli.command import Printed, command
from presslens.app.cli.console import say
from presslens.app.installation import Installation, open_installation
from presslens.app.platform import clock
from presslens.app.platform.settings import Settings
from presslens.app.services.catalogue.photo_address import photo_to_change
from presslens.app.services.corrections.page_reviews import (
    MarkInput,
    NewPageReview,
    review_page,
    withdraw_page_review,
)
from presslens.app.services.corrections.photos import (
    ChangedPhotos,
    draw_photo,
    join_photos,
    move_photo,
    remove_photo,
    split_photo,
)
from presslens.app.services.reviews.page_reviews import page_reviews
from presslens.models.geometry import Box
from presslens.pipelines.counted import counted

cli = typer.Typer(no_args_is_help=True)

PageArgument = Annotated[int, typer.Argument(help="Id of the page.")]
BoxArgument = Annotated[str, typer.Argument(help="X0,Y0,X1,Y1 in pixels of the page.")]
CoderOption = Annotated[str | None, typer.Option(help="Your name, as coder.")]


@command(cli, "add")
def add(
    page: PageArgument,
    coder: Annotated[str, typer.Option(help="Your name, as coder.")],
    none: Annotated[
        list[int] | None, typer.Option("--no-photo", help="Id of a found photo that is none.")
    ] = None,
    several: Annotated[
        list[str] | None, typer.Option(help="PHOTO=N: a found photo that holds N photos.")
    ] = None,
    missed: Annotated[
        list[str] | None,
        typer.Option(help="X0,Y0,X1,Y1 in shares of the page: a photo that was not found."),
    ] = None,
    two_editions: Annotated[
        bool, typer.Option("--two-editions", help="The page is of two editions: don't count it.")
    ] = False,
    checked: Annotated[
        bool, typer.Option("--checked", help="You have looked through the whole page.")
    ] = False,
    adjudicate: Annotated[
        bool, typer.Option("--adjudicate", help="Settle what coders disagree on.")
    ] = False,
    note: Annotated[str | None, typer.Option(help="What else there is to say.")] = None,
) -> Printed:
    """Say which found photos of a page are none or several, and where photos were missed."""
    marks = (
        *(MarkInput(0, photo) for photo in none or ()),
        *(_several(text) for text in several or ()),
        *(MarkInput(1, box=_box(text)) for text in missed or ()),
    )
    review = NewPageReview(page, coder, marks, checked=checked, adjudicates=adjudicate, note=note,
        two_editions=two_editions)  # fmt: skip
    with open_installation(Settings()) as home:
        review_id = review_page(home, review, now=clock.now())
        document = page_reviews(home, page).to_json()
    return _described(document, f"page review {review_id} is kept")


@command(cli, "draw")
def draw(page: PageArgument, box: BoxArgument, coder: CoderOption = None) -> Printed:
    """Draw a photo that was missed. It counts at once; a worker looks at what it shows."""
    corners = _pixels(box)
    with open_installation(Settings()) as home:
        return _changed(draw_photo(home, page, corners, coder=coder, now=clock.now()))


@command(cli, "change")
def change(
    photo: Annotated[int, typer.Argument(help="Id of the photo.")],
    box: Annotated[
        list[str] | None,
        typer.Option(
            help="X0,Y0,X1,Y1 in pixels of the page: its right box; twice or more: its parts."
        ),
    ] = None,
    none: Annotated[bool, typer.Option("--no-photo", help="It is no photo.")] = False,
    join: Annotated[
        list[int] | None, typer.Option(help="Id of a photo of the page that is one with it.")
    ] = None,
    coder: CoderOption = None,
) -> Printed:
    """Move the box of a photo, split it, join it with others, or say that it is none."""
    boxes = [_pixels(text) for text in box or ()]
    if [bool(boxes), none, bool(join)].count(True) != 1:
        raise typer.BadParameter("one of --box, --no-photo and --join is given")
    by: dict[str, Any] = {"coder": coder, "now": clock.now()}
    with open_installation(Settings()) as home:
        photo, *others = [photo_to_change(home, one) for one in (photo, *(join or ()))]
        if none:
            changed = remove_photo(home, photo, **by)
        elif join:
            changed = join_photos(home, photo, others, **by)
        elif len(boxes) == 1:
            changed = move_photo(home, photo, boxes[0], **by)
        else:
            changed = split_photo(home, photo, boxes, **by)
    return _changed(changed)


@command(cli, "show")
def show(home: Installation, page: PageArgument) -> Printed:
    """Show the reviews of a page, and what they make of its count."""
    document = page_reviews(home, page).to_json()
    yield from _described(document, counted(len(document["reviews"]), "page review"))
    for review in document["reviews"]:
        yield _review_line(review)


@cli.command("undo")
def undo(
    review: Annotated[int, typer.Argument(help="Id of the page review.")],
    coder: Annotated[str | None, typer.Option(help="Only if it is this coder's.")] = None,
) -> None:
    """Withdraw a page review; it stays, as withdrawn."""
    with open_installation(Settings()) as home:
        withdraw_page_review(home, review, coder=coder, now=clock.now())
    say(f"page review {review} is withdrawn")


def _review_line(review: dict[str, Any]) -> str:
    """Return a page review in a line that begins with its id, which `undo` takes."""
    parts = [
        f"page review {review['id']} of {review['coder']}, {review['created_at'][:10]}:"
        f" {counted(len(review['marks']), 'mark')}",
        "the whole page checked" if review["checked"] else "",
        "adjudicates" if review["adjudicates"] else "",
        "withdrawn" if review["withdrawn_at"] else "",
    ]
    return ", ".join(filter(None, parts))


def _several(text: str) -> MarkInput:
    try:
        photo, count = (int(part) for part in text.split("="))
    except ValueError as error:
        message = f"{text!r} is not PHOTO=N, 12=2 for instance"
        raise typer.BadParameter(message, param_hint="--several") from error
    return MarkInput(count, photo)


def _box(text: str) -> Box:
    return _corners(text, "0.1,0.2,0.4,0.5", "--missed")


def _pixels(text: str) -> Box:
    return _corners(text, "40,250,200,400", "box")


def _corners(text: str, example: str, hint: str) -> Box:
    try:
        x0, y0, x1, y1 = (float(part) for part in text.split(","))
    except ValueError as error:
        message = f"{text!r} is not X0,Y0,X1,Y1, {example} for instance"
        raise typer.BadParameter(message, param_hint=hint) from error
    return Box(x0, y0, x1, y1)


def _changed(changed: ChangedPhotos) -> Printed:
    yield changed
    many = counted(len(changed.photos), "photo")
    yield f"edit {changed.edit_id} is kept; page {changed.page_id} has {many} now:"
    for photo_id, box, by_hand in changed.photos:
        corners = ", ".join(f"{side:g}" for side in box.to_list())
        yield f"photo {changed.addresses[photo_id]}: {corners}{' (by hand)' if by_hand else ''}"


def _described(document: dict[str, Any], head: str) -> Printed:
    yield document
    yield head
    detected = document["found"]
    count = document["photos"]
    parts = [
        f"{detected} found" if detected is not None else "not analysed",
        f"{document['no_photos']} of them no photo",
        counted(document["added_photos"], "more photo"),
        f"{count} counted" if count is not None else "not counted yet: nobody checked all of it",
    ]
    if document["disputed"]:
        parts.append(f"coders disagree on {counted(len(document['disputed']), 'place')}")
    yield "; ".join(parts)
