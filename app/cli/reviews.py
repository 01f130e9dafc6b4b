"""``presslens reviews``: what people say that photos show, and which to look at next."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from presslens.app.cli import model_answers, page_reviews
from presslens.app.cli.coding_sheet import write_sheet
from presslens.app.cli.command import Printed, command, opened
from presslens.app.cli.console import Aside, Careful
from presslens.app.cli.estimates_in_words import span
from presslens.app.cli.options import MOST_SEED, Helps
from presslens.app.cli.tables import ReadableTable
from presslens.app.installation import Installation
from presslens.app.platform import clock
from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.text import LONGEST_NAME, one_line
from presslens.app.services.annotations.annotated import AnnotationFile
from presslens.app.services.annotations.coco import read_coco
from presslens.app.services.annotations.label_studio import read_label_studio
from presslens.app.services.catalogue.edition_query import EditionQuery
from presslens.app.services.catalogue.scope import check_publication
from presslens.app.services.corrections.annotations import AnnotationImport, import_annotations
from presslens.app.services.reviews.agreement import disagreements, reliability
from presslens.app.services.reviews.csv_import import ANSWERS, import_reviews
from presslens.app.services.reviews.reviews import (
    NewReview,
    review_photo,
    review_result,
    withdraw_review,
)
from presslens.app.services.reviews.sampling import DOUBLE, MOST_BUDGET, SamplingKind, next_reviews
from presslens.app.services.reviews.sampling_frame import FrameQuery
from presslens.app.services.samples.questions import FOCUS
from presslens.models.subjects.codebook import entry_version
from presslens.models.vocabulary import Focus
from presslens.pipelines.counted import counted
from presslens.pipelines.written_numbers import percent, to_digits

MOST_SHOWN = 20
"""Problems that are listed; ``--json`` has all of them."""

FileArgument = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, help="The file that the tool has exported.")
]

YesOption = Annotated[
    bool, typer.Option("--yes", help="Store it; without, it is only said what would change.")
]

cli = typer.Typer(no_args_is_help=True)

cli.add_typer(
    page_reviews.cli, name="page", help="Say which photos of a page were missed, or are none."
)

cli.add_typer(model_answers.cli, name="model", help="Ask models about photos, apart from people.")

CoderOption = Annotated[str | None, typer.Option(help="Your name, as coder.")]

MeasureOption = Annotated[str | None, typer.Option(help="Only this measure.")]

OF_NEWSPAPER = Helps(publication="Only of this newspaper.")

NOTHING = {
    SamplingKind.DRAW: "nothing to review: all photos of the sample are coded, or no edition asked"
    " for is complete and has photos there",
    SamplingKind.SECOND: "nothing to review: there are no photos that another coder, and nobody"
    " else, has coded and that chance has chosen for a second one; --double chooses more",
    SamplingKind.DISAGREEMENTS: "nothing to review: there are no photos that other coders disagree"
    " on",
}
"""What is said where there are no photos, by what they are wanted for."""


@command(cli, "next", doing="drawing", remains="no sample is kept")
def next_photos(
    home: Installation,
    measure: Annotated[str, typer.Argument(help="children, leader, figure:NAME, label:NAME, …")],
    budget: Annotated[int, typer.Option(min=1, max=MOST_BUDGET, help="Photos.")] = 50,
    *,
    query: Annotated[FrameQuery, OF_NEWSPAPER],
    coder: CoderOption = None,
    kind: Annotated[
        SamplingKind, typer.Option(help="What photos are wanted for.")
    ] = SamplingKind.DRAW,
    double: Annotated[
        float, typer.Option(min=0, max=1, help="Share that a second coder sees.")
    ] = DOUBLE,
    seed: Annotated[
        int | None, typer.Option(min=0, max=MOST_SEED, help="Another one: another sample.")
    ] = None,
    sample: Annotated[str | None, typer.Option(help="The name of a sample.")] = None,
    sheet: Annotated[
        Path | None, typer.Option("--out", help="Write a CSV sheet to fill in and import.")
    ] = None,
) -> Printed:
    """List the photos of a sample to review next; draw the sample if there is none.

    What the machine says is not shown, so that coders judge for themselves.
    """
    result = next_reviews(
        home,
        query.question(measure),
        budget=budget,
        now=clock.now(),
        kind=kind,
        coder=coder,
        double=double,
        seed=seed,
        sample=sample,
    )
    document = result.to_json()
    if sheet is not None:
        write_sheet(sheet, (measure,), coder, document["photos"])
    yield document
    if not document["photos"]:
        yield NOTHING[kind]
        return
    yield _next_table(document)
    if document["half_width"] and document["half_width"]["before"] is not None:
        before, after = (document["half_width"][name] for name in ("before", "after"))
        yield (
            f"expected half-width of the {document['confidence']:.0%} interval: "
            f"±{percent(before)} now, ±{percent(after)} when these are reviewed"
        )


@command(cli, "add")
def add(
    home: Installation,
    photo: Annotated[int, typer.Argument(help="Its id.")],
    answers: Annotated[
        list[str], typer.Argument(help="MEASURE=yes|no|? …, focus=leader|facility|neither|unsure")
    ],
    coder: Annotated[str, typer.Option(help="Your name, as coder.")],
    adjudicate: Annotated[
        bool, typer.Option("--adjudicate", help="Settle what coders disagree on.")
    ] = False,
    note: Annotated[str | None, typer.Option(help="What else there is to say.")] = None,
) -> Printed:
    """Review a photo; what you have said before on these measures counts no more."""
    given, focus = _answers(answers)
    review = NewReview(photo, coder, given, focus, adjudicates=adjudicate, note=note)
    review_id = review_photo(home, review, now=clock.now())
    return _reviewed(home, review_id, "is kept")


@command(cli, "undo")
def undo(
    home: Installation,
    review: Annotated[int, typer.Argument(min=1, help="Number of the review.")],
    coder: CoderOption = None,
) -> Printed:
    """Withdraw a review: what its coder said before counts again."""
    withdraw_review(home, review, coder=coder, now=clock.now())
    return _reviewed(home, review, "is withdrawn")


@command(cli, "agreement", doing="resampling photos")
def agreement(
    home: Installation,
    measure: MeasureOption = None,
    *,
    query: Annotated[EditionQuery, OF_NEWSPAPER],
) -> Printed:
    """Show how far coders agree on each measure, and how often the machine is right."""
    check_publication(home, query.publication)
    result = reliability(home, query.scope, measure=measure)
    document = result.to_json()
    yield document
    if not document["measures"]:
        yield "no photo is coded yet: `presslens reviews next MEASURE` says which to begin with"
        return
    rows = (_agreed(row, document["codebook"]) for row in document["measures"])
    yield ReadableTable.of(
        "measure", "coded", "twice", "agree", "alpha", "kappa", "finds", "passes", "machine's yes",
        "machine's no",
        whole=("measure",),
        rows=rows,
        notes="95 % intervals: bootstrap over photos for alpha, Wilson for the machine; "
        "twice: drawn by chance; finds, passes: how often one coder is right where a photo shows "
        "it, and where it doesn't",
    )  # fmt: skip
    if document["coders"]:
        yield ReadableTable.of(
            "measure", "coder", "finds", "passes", "photos", "known",
            whole=("measure", "coder"),
            rows=map(_coder_row, document["coders"]),
            notes="of each coder, with 95 % intervals; photos: drawn ones that others answered for,"
            " too; known: of these, those that an adjudicator decided",
        )  # fmt: skip
    if document["constancy"]:
        yield ReadableTable.of(
            "measure", "coder", "as before", "photos",
            whole=("measure", "coder"),
            rows=(
                (one["measure"], one["coder"], f"{one['right']} [{to}]", str(one["n"]))
                for one in document["constancy"]
                for to in (span(one["interval"]),)
            ),
            notes="own constancy: what a coder answers to photos that the coder is shown again,"
            " with 95 % intervals",
        )  # fmt: skip
    yield document["estimates"]["words"]


def _coder_row(one: dict[str, Any]) -> tuple[str, ...]:
    sides = (_side({"accuracy": one}, side) for side in ("sensitivity", "specificity"))
    return (one["measure"], one["coder"], *sides, str(one["n"]), str(one["adjudicated"]))


def _agreed(row: dict[str, Any], codebook: str) -> tuple[str, ...]:
    coders, machine = row["coders"] or {}, row["machine"] or {}
    today = entry_version(codebook, row["measure"])
    earlier = "" if row["codebook"] == today else f", codebook {row['codebook']}"
    return (
        f"{row['measure']}{earlier}",
        *(_plain(coders.get(name)) for name in ("photos", "coded_twice")),
        percent(coders.get("agreement")),
        _alpha(coders),
        _plain(coders.get("kappa")),
        *(_side(coders, name) for name in ("sensitivity", "specificity")),
        *(_right(machine.get(side)) for side in ("yes", "no")),
    )


@command(cli, "disagreements", doing="reading reviews")
def list_disagreements(
    home: Installation,
    measure: MeasureOption = None,
    *,
    query: Annotated[EditionQuery, OF_NEWSPAPER],
) -> Printed:
    """List what coders disagree on and nobody has adjudicated."""
    result = disagreements(home, query.scope, measure=measure)
    yield result
    rows = [one.to_json() for one in result.disagreements]
    if not rows:
        yield "coders disagree on nothing that nobody has adjudicated"
        return
    heads = ("photo", "date", "publication", "page", "measure", "yes", "no")
    names = ("photo", "date", "publication", "page_number", "measure", "yes", "no")
    cells = ([row[name] for name in names] for row in rows)
    yield ReadableTable.of(*heads, whole=("photo", "date", "measure"), rows=cells)


@command(cli, "import", doing="importing", remains="no answer is taken in")
def import_table(
    home: Installation,
    table: Annotated[
        Path,
        typer.Argument(exists=True, dir_okay=False, help="CSV: photo, coder, measure, answer."),
    ],
) -> Printed:
    """Take in the reviews of a table, all of them or, if a line is wrong, none."""
    with table.open(encoding="utf-8-sig", newline="") as lines:
        done = import_reviews(home, lines, now=clock.now())
    yield {"reviews": list(done.reviews), "unanswered": done.unanswered}
    verb = "has" if done.unanswered == 1 else "have"
    yield (
        f"{counted(len(done.reviews), 'review')}; {counted(done.unanswered, 'row')} {verb} no"
        " answer yet"
    )


def _answers(texts: list[str]) -> tuple[dict[str, bool | None], Focus | None]:
    given: dict[str, bool | None] = {}
    focus = None
    for text in texts:
        measure, _, answer = text.rpartition("=")
        if measure == FOCUS and answer in tuple(Focus):
            focus = Focus(answer)
        elif measure in given or measure == FOCUS or answer not in ANSWERS:
            raise InvalidRequest(f"{text!r} is no answer: write children=yes, no or ?")
        else:
            given[measure] = ANSWERS[answer]
    return given, focus


def _reviewed(home: Installation, review_id: int, what: str) -> Printed:
    result = review_result(home, review_id)
    yield result
    photo = result.photo
    consensus = {} if photo is None else photo.settled
    answers = ", ".join(
        f"{name} {'yes' if shows else 'no'}" for name, (shows, _) in consensus.items()
    )
    yield f"review {review_id} {what}; settled of the photo: {answers or 'nothing'}"
    if photo is not None and photo.disputed:
        yield f"coders disagree on {', '.join(photo.disputed)}"


def _next_table(document: dict[str, Any]) -> ReadableTable:
    heads = ("photo", "date", "publication", "page", "coded by")
    rows = (
        (one["photo"], one["date"], one["publication"], one["page_number"],
         ", ".join(one["coders"]))
        for one in document["photos"]
    )  # fmt: skip
    return ReadableTable.of(*heads, whole=("photo", "date"), rows=rows)


def _plain(value: float | None) -> str:
    if value is None:
        return "–"
    return str(value) if isinstance(value, int) else f"{to_digits(value, 2)}"


def _alpha(coders: dict[str, Any]) -> str:
    if coders.get("alpha") is None:
        return coders.get("reason") or "–"
    interval = coders["interval"]
    bounds = f" [{_plain(interval[0])}–{_plain(interval[1])}]" if interval else ""
    return f"{_plain(coders['alpha'])}{bounds}"


def _side(coders: dict[str, Any], name: str) -> str:
    side = (coders.get("accuracy") or {}).get(name)
    if side is None:
        return "–"
    return f"{percent(side['value'])} [{span(side['interval'])}]"


def _right(right: dict[str, Any] | None) -> str:
    if right is None or right["share"] is None:
        return "–"
    return f"{right['right']} of {right['n']} right [{span(right['interval'])}]"


@command(cli, "import-coco")
def import_coco(
    file: FileArgument,
    coder: Annotated[str, typer.Option(help="Who has corrected it.")],
    exported: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="The file that the tool was given."),
    ] = None,
    yes: YesOption = False,
) -> Printed:
    """Take in COCO JSON that was corrected in CVAT, FiftyOne or another tool, as reviews."""
    annotated = read_coco(
        file.read_bytes(),
        coder=one_line(coder, "a coder's name", LONGEST_NAME),
        exported=None if exported is None else exported.read_bytes(),
    )
    return _take_in(annotated, yes=yes)


@command(cli, "import-label-studio")
def import_label_studio(
    file: FileArgument,
    coder: Annotated[
        str | None, typer.Option(help="Who has annotated it, if that was one person.")
    ] = None,
    annotator: Annotated[
        list[str] | None,
        typer.Option(help="ID=NAME or E-MAIL=NAME: the name of one who has annotated."),
    ] = None,
    yes: YesOption = False,
) -> Printed:
    """Take in what people have corrected in Label Studio, exported as JSON, as reviews."""
    names = dict(_named(text) for text in annotator or ())
    annotated = read_label_studio(file.read_bytes(), names=names, coder=coder)
    return _take_in(annotated, yes=yes)


def _named(text: str) -> tuple[str, str]:
    who, _, name = text.partition("=")
    if not who or not name:
        raise typer.BadParameter(f"{text!r} is not ID=NAME", param_hint="--annotator")
    return who, name


def _take_in(annotated: AnnotationFile, *, yes: bool) -> Printed:
    with opened("comparing", remains="nothing is changed") as home:
        result = import_annotations(home, annotated, apply=yes, now=clock.now())
    yield result
    yield from _taken(result)


def _taken(result: AnnotationImport) -> Printed:
    counts = result.counts
    yield f"{counted(result.pages, 'page')} compared, by {escape(', '.join(result.coders)) or '–'}"
    for kind, what in (
        ("added", "drawn: missed before"),
        ("moved", "with another box"),
        ("removed", "removed: no photos"),
        ("answered", "answered about"),
    ):
        yield f"{counted(counts[kind], 'photo'):>16} {what}"
    yield f"{counted(counts['checked'], 'page'):>16} looked through"
    yield f"{counted(result.unchanged, 'photo'):>16} as before, which is no statement"
    for number, what in (
        (counted(result.left, "photo"), "drawn here and not in the file: left as before"),
        (counted(result.imported_before, "page"), "imported before"),
        (counted(result.skipped, "task"), "skipped or not annotated"),
        (counted(result.not_read, "annotation"), "of what can't be corrected here"),
    ):
        if not number.startswith("0 "):
            yield f"{number:>16} {what}"
    for problem in result.problems[:MOST_SHOWN]:
        yield escape(f"not taken in: {problem}")
    if len(result.problems) > MOST_SHOWN:
        yield f"and {len(result.problems) - MOST_SHOWN} more, which --json lists"
    if not result.pages and not result.imported_before and result.skipped:
        yield Careful("nobody has annotated any of it: is this the file that the tool was given?")
    if not result.applied:
        yield Aside("nothing is changed yet: --yes stores it")
    elif result.edit is None:
        yield Aside("there was nothing to change")
    else:
        yield Aside(f"stored; `presslens edits undo {result.edit}` takes all of it back")
