"""The planner of samples: what is asked, how many photos, drawn how, and what to expect of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from fastapi import Form, Response
from fastapi.responses import RedirectResponse
from pydantic import Field

from presslens.app.api.access import needs
from presslens.app.api.params import Home, read_query
from presslens.app.db.queries import EditionScope
from presslens.app.installation import Installation
from presslens.app.platform import clock
from presslens.app.platform.errors import Conflict, InvalidRequest
from presslens.app.platform.language import language
from presslens.app.platform.permissions import Permission
from presslens.app.platform.questions import Name, ask
from presslens.app.services.cached import cached
from presslens.app.services.catalogue.edition_query import EditionQuery
from presslens.app.services.catalogue.publications import publication_names
from presslens.app.services.reviews.coder_names import coder_names
from presslens.app.services.reviews.draws import MOST, REPEAT, SECOND, SampleOrder, draw_sample
from presslens.app.services.reviews.sample_plan import SamplePlan, plan_sample
from presslens.app.services.reviews.sampling import draw_more
from presslens.app.services.reviews.sampling_frame import Question
from presslens.app.services.samples.questions import work_in_words
from presslens.app.services.statistics.power import archive_power
from presslens.app.services.statistics.queries import PowerQuery
from presslens.app.web.metric_words import metric_choices
from presslens.app.web.page_router import PageRouter, Render, Renderer, Rows
from presslens.app.web.preferences import coder_of
from presslens.app.web.question_words import strata_words
from presslens.pipelines.result import rounded
from presslens.pipelines.statistics.measure import Inference, Weight, Zone
from presslens.pipelines.statistics.metrics import Metric
from presslens.pipelines.statistics.power import StudyDesign

router = PageRouter()

PLAN_COLUMNS = ("photos", "width", "recipe")
ITEMS = 200
"""Photos that the form proposes."""

PAGES = 30
"""Pages that the form proposes."""

PER_CENT = 100


class PlanForm(EditionQuery):
    """The fields of the planner; shares are in percent, as people write them.

    ``leading`` is the measure, of several, by whose probabilities the strata are made.
    """

    measures: Annotated[list[Name], Field(max_length=20)] = ask(default=[], alias="measure")
    kind: Literal["photos", "pages"] = ask(default="photos")
    zone: Zone = ask(default=Zone.ALL, alias="page")
    weight: Weight = ask(default=Weight.COUNT)
    items: int | None = ask(ge=0, le=MOST)
    width: float | None = ask(gt=0, le=PER_CENT)
    coders: str = ask(default="", max_length=4000)
    second: float | None = ask(ge=0, le=PER_CENT)
    repeat: float | None = ask(ge=0, le=PER_CENT)
    seed: int | None = ask(ge=0, le=2**31 - 1)
    name: Name | None = ask()
    leading: Name | None = ask()

    @property
    def question(self) -> Question:
        """What the sample estimates."""
        ordered = sorted(self.measures, key=lambda name: name != self.leading)
        measures = tuple(dict.fromkeys(ordered)) if self.kind == "photos" else ()
        return Question(measures, self.scope, self.zone, self.weight)

    @property
    def share(self) -> float | None:
        """The requested width, 0–1."""
        return None if self.width is None else self.width / PER_CENT

    @property
    def order(self) -> SampleOrder:
        """The sample to draw.

        Raises:
            InvalidRequest: Nothing is asked, or the days are in the wrong order.
        """
        if self.kind == "photos" and not self.measures:
            raise InvalidRequest("choose what is asked about the photos")
        names = [name.strip() for name in self.coders.replace("\n", ",").split(",")]
        second = SECOND if self.second is None else self.second / PER_CENT
        proposed = PAGES if self.kind == "pages" else ITEMS
        items = None if self.width is not None else self.items or proposed
        return SampleOrder(
            self.question,
            items,
            self.share,
            tuple(name for name in names if name),
            second,
            self.seed,
            self.name,
            REPEAT if self.repeat is None else self.repeat / PER_CENT,
        )


@router.page("/review/new")
@needs(Permission.REVIEW)
def show_planner(
    home: Home,
    render: Render,
    form: Annotated[PlanForm, read_query(PlanForm)],
) -> Response:
    """Show the form of a sample, and how wide its interval is foreseen to be."""
    return _page(home, render, form)


@router.post("/review/new", response_model=None)
@needs(Permission.REVIEW)
def draw(
    home: Home,
    render: Render,
    form: Annotated[PlanForm, read_query(PlanForm, Form)],
) -> Response:
    """Draw the sample, and go to the desk where it is coded."""
    try:
        who = coder_of(render.request)
        state = draw_sample(home, form.order, coder=who, now=clock.now())
    except (InvalidRequest, Conflict) as error:
        return _page(home, render, form, problem=str(error))
    return RedirectResponse(f"/review/{state.id}", status_code=303)


@router.post("/review/more", response_model=None)
@needs(Permission.REVIEW)
def draw_what_helps(
    home: Home,
    render: Render,
    form: Annotated[PlanForm, read_query(PlanForm, Form)],
) -> Response:
    """Draw the photos that would tell a difference, and go to the desk where they are coded.

    ``items`` is their number, ``name`` that of the sample that is made larger.
    """
    try:
        who, more = coder_of(render.request), form.items or 0
        state = draw_more(home, form.question, more, sample=form.name, coder=who, now=clock.now())
    except (InvalidRequest, Conflict) as error:
        return _page(home, render, form, problem=str(error))
    return RedirectResponse(f"/review/{state.id}", status_code=303)


def _page(
    home: Installation, render: Renderer, form: PlanForm, problem: str | None = None
) -> Response:
    spoken = language(render.code)
    plan: SamplePlan | None = None
    if form.kind == "photos" and form.measures and problem is None:
        try:
            plan = plan_sample(home, form.question, form.share, items=form.items or ITEMS)
        except InvalidRequest as error:
            if not render.is_html:
                raise
            problem = str(error)
    elif not render.is_html:
        raise InvalidRequest("name what is asked: measure=children")
    document = {**plan.to_json(), "studies": studies(home, form, plan)} if plan else None
    chosen = plan and (plan.wished or plan.chosen)
    return render(
        "sample_planner.html",
        document=document,
        table=lambda: Rows(PLAN_COLUMNS, _rows(document or {})),
        status=422 if problem else 200,
        section="review",
        form=form,
        plan=document,
        work=work_in_words(chosen.photos, plan.question.measures) if plan and chosen else None,
        chart=width_chart(document) if document else None,
        problem=problem,
        choices=metric_choices(home),
        publications=publication_names(home),
        names=coder_names(home),
        zones=list(Zone),
        weights=list(Weight),
        strata=strata_words(spoken),
        items=ITEMS,
        pages=PAGES,
        second=SECOND * PER_CENT if form.second is None else form.second,
        repeat=REPEAT * PER_CENT if form.repeat is None else form.repeat,
    )


STUDIES = (
    (StudyDesign.DIFFERENCE, Inference.THESE),
    (StudyDesign.DIFFERENCE, Inference.PRACTICE),
    (StudyDesign.TREND, Inference.PRACTICE),
)
"""What else a sample may be drawn for."""


def studies(home: Installation, form: PlanForm, plan: SamplePlan) -> list[dict[str, Any]]:
    """Return which differences each size of a sample is foreseen to show, for each study."""
    rows = [plan.wished or plan.chosen, *plan.sizes]
    sizes = sorted({one.photos for one in rows if one})
    metric, scope = form.question.metric, form.scope
    return [_study(home, metric, scope, design, about, sizes) for design, about in STUDIES]


@cached
def _study(
    home: Installation,
    metric: Metric,
    scope: EditionScope,
    design: StudyDesign,
    about: Inference,
    sizes: list[int],
) -> dict[str, Any]:
    days = {"publication": scope.publication, "first": scope.first, "last": scope.last}
    query = PowerQuery(**days, of=design, inference=about)
    found: dict[str, Any] = {"of": design.value, "inference": about.value}
    try:
        # A sample that is drawn here stands beside those that are there.
        study = replace(archive_power(home, metric, query).study, extends=False)
    except InvalidRequest as error:
        return {**found, "refused": error.args[0], "detectable": {}}
    if study.refused:
        return {**found, "refused": study.refused, "detectable": {}}
    shown = {str(size): rounded(study.foresee(size).detectable) for size in sizes}
    return {**found, "refused": None, "detectable": shown}


@dataclass(frozen=True, slots=True)
class WidthChart:
    """The foreseen widths over the sizes, as points of a picture of 100 times 50."""

    line: str  # the points of the line, "x,y x,y"
    # x and y of the chosen size; None where its width is not known.
    chosen: tuple[float, float] | None
    most: int  # the size at the right edge
    top: float  # the width at the upper edge, 0–1


def width_chart(plan: dict[str, Any]) -> WidthChart | None:
    """Return the chart of a plan; None where no width is foreseen."""
    points = [(one["photos"], one["width"]) for one in plan["sizes"] if one["width"] is not None]
    if not points:
        return None
    chosen = plan["wished"] or plan["chosen"]
    if chosen and chosen["width"] is not None:
        points = sorted({*points, (chosen["photos"], chosen["width"])})
    most, top = max(p for p, _ in points), max(w for _, w in points) or 1.0

    def at(photos: int, width: float) -> tuple[float, float]:
        return round(100 * (photos / most) ** 0.5, 2), round(48 - 46 * width / top, 2)

    foreseen = chosen and chosen["width"] is not None
    return WidthChart(
        " ".join("{},{}".format(*at(*point)) for point in points),
        at(chosen["photos"], chosen["width"]) if foreseen else None,
        most,
        top,
    )


def _rows(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [{**one, "recipe": plan["recipe"]} for one in plan.get("sizes", ())]
