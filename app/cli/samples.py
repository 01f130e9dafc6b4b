"""``presslens samples``: photos that are drawn by chance, so that answers speak for all."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from presslens.app.cli.coding_sheet import write_pages, write_sheet
from presslens.app.cli.command import Printed, command
from presslens.app.cli.command import show as show_part
from presslens.app.cli.console import STOPPED, fail, out, say
from presslens.app.cli.options import MOST_SEED
from presslens.app.cli.progress import progress
from presslens.app.cli.tables import ReadableTable, write_rows
from presslens.app.db.samples import SampleKind
from presslens.app.installation import Installation, open_installation
from presslens.app.platform import clock
from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.settings import Settings
from presslens.app.services.catalogue.scope import check_scope
from presslens.app.services.reviews.assignment import assign_items
from presslens.app.services.reviews.coded_answers import keep_answers
from presslens.app.services.reviews.coding import next_items
from presslens.app.services.reviews.csv_import import ANSWERS, import_reviews
from presslens.app.services.reviews.draws import (
    MOST,
    REPEAT,
    SECOND,
    SampleOrder,
    draw_sample,
    extend_sample,
)
from presslens.app.services.reviews.reviews import NewReview, review_photo
from presslens.app.services.reviews.sample_plan import plan_sample
from presslens.app.services.reviews.sampling_frame import FrameQuery
from presslens.app.services.samples.questions import FOCUS, work_in_words
from presslens.app.services.samples.samples import (
    ITEM_COLUMNS,
    find_items,
    find_sample,
    list_samples,
)
from presslens.models.vocabulary import Focus
from presslens.pipelines.counted import counted
from presslens.pipelines.written_numbers import percent

cli = typer.Typer(no_args_is_help=True)

NameArgument = Annotated[str, typer.Argument(help="The name of the sample.")]
MeasureOption = Annotated[
    list[str], typer.Option("--measure", help="children, leader, …; several: asked together.")
]
WidthOption = Annotated[
    float | None, typer.Option(min=0.001, max=1, help="Wished width of the interval: 0.06.")
]
ItemsOption = Annotated[int | None, typer.Option("--photos", min=1, max=MOST, help="Photos.")]
WhoOption = Annotated[str | None, typer.Option("--coder", help="Your name, as coder.")]
MOST_SHOWN = 50
"""Items that are listed unless more are asked for."""

MOST_NEXT = 1000
SKIP, QUIT = "s", "q"
AS_BEFORE = "the sample is as it was"


@command(cli, "draw", doing="drawing", remains="no sample is kept")
def draw(
    home: Installation,
    measure: MeasureOption = [],  # noqa: B006 - Typer copies it
    photos: ItemsOption = None,
    width: WidthOption = None,
    pages: Annotated[
        int | None, typer.Option(min=1, max=MOST, help="Pages, to count their photos.")
    ] = None,
    *,
    query: FrameQuery,
    coder: Annotated[list[str], typer.Option("--coder", help="Who codes; several: in turn.")] = [],  # noqa: B006
    second: Annotated[
        float, typer.Option(min=0, max=1, help="Share that a second coder codes too.")
    ] = SECOND,
    repeat: Annotated[
        float, typer.Option(min=0, max=1, help="Share that each coder is shown again.")
    ] = REPEAT,
    seed: Annotated[int | None, typer.Option(min=0, max=MOST_SEED, help="Of the order.")] = None,
    name: Annotated[str | None, typer.Option(help="The name of the sample.")] = None,
) -> Printed:
    """Draw photos by chance from the complete editions asked for, and keep them as a sample."""
    if bool(measure) == (pages is not None):
        raise InvalidRequest("draw photos (--measure, --photos or --width), or draw --pages")
    order = SampleOrder(
        query.question(*dict.fromkeys(measure)),
        pages if pages is not None else photos,
        width,
        tuple(coder),
        second,
        seed,
        name,
        repeat,
    )
    check_scope(home, query.scope)
    document = draw_sample(home, order, now=clock.now()).to_json()
    return _shown(document)


@command(cli, "extend", doing="drawing", remains=AS_BEFORE)
def extend(
    home: Installation,
    name: NameArgument,
    photos: ItemsOption = None,
    width: WidthOption = None,
    more: Annotated[int | None, typer.Option(min=1, max=MOST, help="Photos to add.")] = None,
) -> Printed:
    """Make a sample larger: --photos in all, --more, or as many as a --width needs."""
    if [photos, width, more].count(None) != 2:
        raise InvalidRequest("say how large the sample is to be: --photos, --more or --width")
    document = extend_sample(home, name, items=photos, width=width, more=more).to_json()
    yield from _shown(document)
    if document["advice"]:
        yield f"{document['advice']}"


@command(cli, "assign", doing="assigning", remains=AS_BEFORE)
def assign(
    home: Installation,
    name: NameArgument,
    coder: Annotated[
        list[str], typer.Option("--coder", help="Whom open items go to; several: in turn.")
    ] = [],  # noqa: B006
    of: Annotated[str | None, typer.Option(help="Whose open items; without, all.")] = None,
) -> Printed:
    """Assign the open items of a sample to coders; one who is named twice gets two of a round."""
    parts = {one: coder.count(one) for one in coder}
    return _shown(assign_items(home, name, parts, of=of, now=clock.now()).to_json())


@command(cli, "plan", doing="reading photos")
def plan(
    home: Installation,
    measure: MeasureOption = [],  # noqa: B006 - Typer copies it
    width: WidthOption = None,
    *,
    query: FrameQuery,
) -> Printed:
    """Show how wide the interval of the first measure is foreseen to be; draw nothing."""
    check_scope(home, query.scope)
    document = plan_sample(home, query.question(*dict.fromkeys(measure)), width).to_json()
    yield document
    frame = document["frame"]
    yield f"{counted(frame['photos'], 'photo')} of {counted(frame['editions'], 'complete edition')}"
    strata = (row["definition"] for row in document["strata"])
    target = [document["wished"]] if document["wished"] else []
    now = document["now"]
    yield now["words"]
    if now["refused"]:
        yield f"{now['refused']}"
    rows = [
        (row["photos"], percent(row["width"]), *row["strata"])
        for row in sorted([*document["sizes"], *target], key=lambda row: row["photos"])
    ]
    if now["width"] is not None:
        rows.insert(0, ("now", percent(now["width"]), *("" for _ in document["strata"])))
    yield ReadableTable.of("photos", "foreseen width", *strata, rows=rows)
    if document["advice"]:
        yield f"{document['advice']}"
    yield from map(str, document["apart"])
    if document["wished"]:
        work = work_in_words(document["wished"]["photos"], measure)
        yield f"a width of {percent(width)} is foreseen with {work}"


@command(cli, "list", doing="reading samples")
def list_all(
    home: Installation,
    measure: Annotated[str | None, typer.Option(help="Only of this measure.")] = None,
) -> Printed:
    """List the samples, the latest first."""
    document = list_samples(home, measure).to_json()
    yield document
    if not document["samples"]:
        yield "there are no samples yet: `presslens samples draw` draws one"
        return
    heads = ("name", "measures", "editions", "frame", "drawn", "answered", "open")
    yield ReadableTable.of(*heads, whole=("name",), rows=map(_row, document["samples"]))


def _row(sample: dict[str, Any]) -> tuple[object, ...]:
    counts = next(iter(sample["progress"].values()), None)
    return (
        sample["name"],
        ", ".join(sample["measures"]) or "photo counts",
        sample["frame"]["editions"],
        counted(sample["frame"][sample["kind"]], sample["kind"].removesuffix("s")),
        sample["items"],
        "–" if counts is None else counts["answered"] + counts["adjudicated"],
        "–" if counts is None else counts["open"],
    )


@command(cli, "show", doing="reading the sample")
def show(home: Installation, name: NameArgument) -> Printed:
    """Show a sample: its frame, its strata, and how far coders have come."""
    return _shown(find_sample(home, name).to_json())


@command(cli, "next", doing="reading the sample")
def next_photos(
    home: Installation,
    name: NameArgument,
    coder: WhoOption = None,
    limit: Annotated[
        int | None,
        typer.Option(min=1, max=MOST, help="Items: 50, or with --out all, if not given."),
    ] = None,
    sheet: Annotated[
        Path | None,
        typer.Option("--out", help="Write a CSV sheet to fill in and import; of pages, their ids."),
    ] = None,
) -> Printed:
    """List the photos or pages of a sample that a coder is to code next, in the random order."""
    most = limit or (MOST_SHOWN if sheet is None else MOST)
    document = next_items(home, name, coder, limit=most).to_json()
    items, pages = document["items"], document["kind"] == SampleKind.PAGES
    if sheet is not None and pages:
        write_pages(sheet, coder, items)
    elif sheet is not None:
        write_sheet(sheet, document["measures"], coder, items)
    yield document
    if sheet is None:
        yield _next_table(items, pages=pages)
    many, where = document["open"], "shown" if sheet is None else f"in {sheet}"
    some, more = "all", ""
    if len(items) < many:
        some = counted(len(items), "page" if pages else "photo")
        more = f" (--limit {many} for all)"
    yield f"to code: {document['work']}; {some} {where}{more}"
    yield (
        "look through each page, then `presslens reviews page add PAGE --checked --coder NAME`"
        if pages
        else "don't pass over photos: answer ? where you can't tell"
    )


def _next_table(items: list[dict[str, Any]], *, pages: bool) -> ReadableTable:
    item = "page" if pages else "photo"
    heads = ("place", item, "date", "publication", "page number")
    rows = (tuple(row[name.replace(" ", "_")] for name in heads) for row in items)
    return ReadableTable.of(*heads, whole=("place", item, "date"), rows=rows)


@cli.command("code")
def code(
    name: NameArgument,
    coder: Annotated[str, typer.Option("--coder", help="Your name, as coder.")],
    limit: Annotated[int, typer.Option(min=1, max=MOST_NEXT, help="Photos.")] = MOST_NEXT,
) -> None:
    """Ask for the answers to the photos of a sample, one after the other."""
    with open_installation(Settings()) as home:
        document = next_items(home, name, coder, limit=limit).to_json()
        if document["kind"] == SampleKind.PAGES:
            first = next((f", page {row['page']} first" for row in document["items"]), "")
            raise InvalidRequest(
                f"{name} is a sample of pages: look through each that `presslens samples next"
                f" {name}` names{first}, then `presslens reviews page add PAGE --checked --coder"
                f" {coder}`"
            )
        names = document["questions"]
        say(f"{document['work']}; answer y, n or ?; s passes over, q ends")
        for place, row in enumerate(document["items"]):
            where = f"{row['publication']} {row['date']}, page {row['page_number']}"
            say(f"photo {row['photo']}: {where}, /api/v1/photos/{row['photo']}/image")
            try:
                given = _ask(names)
            except (typer.Abort, KeyboardInterrupt) as stop:
                fail(f"stopped: the answers to {counted(place, 'photo')} before this one are kept")
                raise typer.Exit(STOPPED) from stop
            if given is None:
                break
            if given:
                _keep(home, row["photo"], coder, given)
        for part in _shown(find_sample(home, name).to_json()):
            show_part(part)


@command(cli, "import", doing="importing", remains="no answer is taken in")
def import_sheet(
    home: Installation,
    name: NameArgument,
    table: Annotated[
        Path, typer.Argument(help="CSV (photo,coder,measure,answer), or the JSON of a batch.")
    ],
) -> Printed:
    """Add the answers of a sheet that `samples next --out` has written, or of a batch's file.

    Of a sheet all are taken in or nothing. A batch's file may be imported twice: each of its
    answers is stored once.
    """
    sample = find_sample(home, name)
    if table.suffix.lower() == ".json":
        _import_answers(home, sample.id, table)
    else:
        with table.open(newline="", encoding="utf-8-sig") as lines:
            import_reviews(home, lines, now=clock.now())
    return _shown(find_sample(home, name).to_json())


def _import_answers(home: Installation, sample_id: int, path: Path) -> None:
    from pydantic import ValidationError

    from presslens.app.api.samples import AnswersFile  # the help is shown without the API

    try:
        given = AnswersFile.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise InvalidRequest(
            f"{path} is no file of answers: {where} {first['msg']}".replace("  ", " ")
        ) from error
    if given.sample != sample_id:
        raise InvalidRequest(f"{path} has answers to another sample: {given.name}")
    coded = [one.coded for one in given.answers]
    stored = keep_answers(home, sample_id, given.coder, coded, now=clock.now(), as_one=True)
    refused = [one.refused for one in stored.answers if one.refused]
    new = sum(one.new for one in stored.answers)
    known = len(coded) - new - len(refused)
    say(f"{given.coder}: answers to {counted(new, 'photo')} are new, to {known:,} known")
    for why in dict.fromkeys(refused):
        say(f"  not stored: {refused.count(why)} as {why}")


@cli.command("export")
def export(
    name: NameArgument,
    target: Annotated[Path | None, typer.Option("--out", help="Write CSV to this file.")] = None,
) -> None:
    """Write the items of a sample as CSV: inclusion probability, status and answer of each."""
    with open_installation(Settings()) as home, progress("reading the sample"):
        sample, items = find_items(home, name)
    rows = [row for item in items for row in item.rows(sample.name)]
    if target is None:
        write_rows(out.file, ITEM_COLUMNS, rows)
        return
    with target.open("x", encoding="utf-8", newline="") as lines:
        write_rows(lines, ITEM_COLUMNS, rows)
    say(f"{counted(len(rows), 'row')} in {target}")


def _ask(names: list[str]) -> dict[str, str] | None:
    """Return the answers to a photo; nothing if it is passed over, None to end."""
    given: dict[str, str] = {}
    for name in names:
        choices = [*Focus] if name == FOCUS else ["y", "n", "?"]
        answer = ""
        while answer not in (*choices, SKIP, QUIT):
            answer = typer.prompt(f"  {name} ({'/'.join(choices)})").strip().lower()
        if answer == QUIT:
            return None
        if answer == SKIP:
            return {}
        given[name] = {"y": "yes", "n": "no"}.get(answer, answer)
    return given


def _keep(home: Installation, photo: int, coder: str, given: dict[str, str]) -> None:
    focus = Focus(given[FOCUS]) if FOCUS in given else None
    answers = {name: ANSWERS[answer] for name, answer in given.items() if name != FOCUS}
    try:
        review_photo(home, NewReview(photo, coder, answers, focus), now=clock.now())
    except InvalidRequest as error:
        say(f"  not kept: {error}; `presslens reviews add` answers it anew")


def _shown(document: dict[str, Any]) -> Printed:
    yield document
    frame = document["frame"]
    measures = ", ".join(document["measures"]) or "photo counts"
    in_frame = counted(frame[document["kind"]], document["kind"].removesuffix("s"))
    yield (
        f"sample {document['name']}: {document['items']} of {in_frame} of"
        f" {counted(frame['editions'], 'edition')}, for {measures}, seed {document['seed']},"
        f" {document['created_at'][:10]}"
    )
    yield f"to code: {document['work']}"
    heads = ("stratum", "in the frame", "drawn", "come to", "answered")
    names = ("definition", "size", "drawn", "reached", "answered")
    yield ReadableTable.of(*heads, rows=([row[n] for n in names] for row in document["strata"]))
    for measure, counts in document["progress"].items():
        words = ", ".join(f"{n} {status}" for status, n in counts.items() if n)
        yield f"{measure}: " + words.replace("cant_tell", "can't tell")
    if document["editions_since"]:
        since = counted(document["editions_since"], "edition")
        yield f"{since} of these days came in after the draw: the sample says nothing of them"
    yield from map(str, document["apart"])
    if lost := document["lost"]:
        verb = "is" if lost == 1 else "are"
        yield f"{counted(lost, 'photo')} {verb} not found again by today's recipe"
