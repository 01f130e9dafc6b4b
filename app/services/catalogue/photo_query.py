"""What is asked of photos: the parameters of their lists, of the gallery and of exports."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import Field

from presslens.app.db.queries import EditionScope
from presslens.app.installation import Installation
from presslens.app.platform.questions import MOST, Day, Name, ask
from presslens.app.services.catalogue.edition_query import EditionQuery
from presslens.app.services.catalogue.photo_filter import (
    AppearanceFilter,
    PhotoFilter,
    PhotoSort,
    SizeClass,
)
from presslens.app.services.catalogue.photo_views import Display
from presslens.app.services.catalogue.scope import check_edition, check_figures
from presslens.app.services.labels.labels import check_label
from presslens.models.vocabulary import Answer, Facing, Focus, ShotSize, Subject
from presslens.pipelines.statistics.measure import Zone

ANSWER_OR = "by people's settled answer or else the"
Share = Annotated[float, Field(ge=0, le=1)]


class PhotoQuery(EditionQuery):
    """The photos that a filter selects."""

    publication: Name | None = ask(description="the newspaper")
    first: Day | None = ask(alias="from", description="earliest edition")
    last: Day | None = ask(alias="to", description="latest edition")
    edition: int | None = ask(ge=1, le=MOST, description="id of the only edition")
    page: int | None = ask(ge=1, le=MOST, description="number of the page")
    zone: Zone = ask(default=Zone.ALL, description="the part of the edition")
    subject: list[Subject] | None = ask(
        max_length=5, description=f"shown, {ANSWER_OR} machine; several: together"
    )
    min_probability: Share = ask(
        default=0.5, description="of each subject and figure by the machine, at least"
    )
    figure: list[Name] | None = ask(
        max_length=20, description=f"seen, {ANSWER_OR} machine; several: together"
    )
    focus: list[Focus] | None = ask(max_length=4, description=f"one of these, {ANSWER_OR} machine")
    min_size: Share | None = ask(description="share of the page")
    size: SizeClass | None = ask(
        description="below 5 % of the page, below 15 %, more, or the whole page"
    )
    text: Name | None = ask(description="in the caption or the headline")
    label: list[Name] | None = ask(
        max_length=20, description=f"shown, {ANSWER_OR} recipe; several: together"
    )
    shot_size: ShotSize | None = ask(description="of the figure, or of any")
    facing: Facing | None = ask(description="as the figure, or any, does")
    alone: bool | None = ask(description="the figure, or any, is by himself")
    answer: Answer | None = ask(description="whether it surely is the figure")
    reviewed: bool | None = ask(description="whether coders have settled it")
    superseded: bool = ask(
        default=False, description="also photos of uploads that a later one has superseded"
    )

    @property
    def photos(self) -> PhotoFilter:
        """The filter.

        Raises:
            InvalidRequest: The first day lies after the last.
        """
        return PhotoFilter(
            EditionScope(self.publication, self.first, self.last, self.edition),
            page=self.page,
            zone=self.zone,
            subjects=tuple(self.subject or ()),
            min_probability=self.min_probability,
            figures=tuple(self.figure or ()),
            focuses=tuple(self.focus or ()),
            min_size=self.min_size,
            size=self.size,
            text=self.text,
            labels=tuple(self.label or ()),
            appearance=AppearanceFilter(self.shot_size, self.facing, self.alone, self.answer),
            reviewed=self.reviewed,
            superseded=self.superseded,
        )

    def resolved(self, home: Installation) -> Self:
        """Return the question with the own name of its newspaper.

        Raises:
            InvalidRequest: There is no such newspaper or figure, or photos are not read for one of
                the labels.
            NotFound: There is no such edition.
        """
        for name in self.label or ():
            check_label(home, name)
        check_figures(home, self.figure or ())
        check_edition(home, self.edition)
        return super().resolved(home)


class GalleryQuery(PhotoQuery):
    """What a gallery shows: photos in an order, or those that look like one."""

    sort: PhotoSort = ask(default=PhotoSort.DATE_DOWN)
    view: Display = ask(default=Display.PICTURE)
    start: int = ask(default=0, ge=0, le=MOST, description="place of the first one on the page")
    like: int | None = ask(ge=1, le=MOST, description="id of a photo that others look like")
    about: Name | None = ask(description="the measure that is answered about")

    def resolved(self, home: Installation) -> Self:
        """Return the question with the own name of its newspaper, in an order that there is.

        Raises:
            InvalidRequest: There is no such newspaper, or photos are not read for one of the
                labels.
        """
        query = super().resolved(home)
        if query.sort.by_probability and not query.photos.has_measure:
            return query.model_copy(update={"sort": PhotoSort.DATE_DOWN})  # nothing to sort by now
        return query

    @property
    def params(self) -> dict[str, Any]:
        """The parameters that ask for the gallery, without the place of the first photo."""
        return {name: value for name, value in self.given().items() if name != "start"}

    @property
    def filter_params(self) -> dict[str, Any]:
        """The parameters of the filter that are given, as all lists of photos take them."""
        own = GalleryQuery.model_fields.keys() - PhotoQuery.model_fields.keys()
        return {name: value for name, value in self.given().items() if name not in own}

    @property
    def api_params(self) -> dict[str, Any]:
        """The parameters that ask the API for the same photos."""
        return {**self.filter_params, "sort": self.sort.value, "view": self.view.value}

    @property
    def question(self) -> str:
        """The measure, or "focus", that who asks for this most likely answers about."""
        if self.about is not None:
            return self.about
        if self.photos.has_measure:
            return self.photos.measure
        return "focus" if self.focus else Subject.CHILDREN.value

    def changed(self, **changes: Any) -> dict[str, Any]:
        """Return the parameters of the gallery with others in place of those of these names.

        Args:
            changes: By name of the parameter; None takes it away.
        """
        return {**self.params, **changes}

    def without(self, name: str, value: Any) -> dict[str, Any]:
        """Return the parameters of the gallery without one that is given.

        Args:
            name: Of the parameter.
            value: The one of several that goes.
        """
        several = self.params.get(name)
        rest = [one for one in several if one != value] if isinstance(several, list) else None
        return self.changed(**{name: rest})

    def parts(self) -> list[tuple[str, Any, dict[str, Any]]]:
        """Return name and value of each parameter of the filter, and the query without it.

        ``from`` and ``to`` are one part, "period".
        """
        parts: list[tuple[str, Any, dict[str, Any]]] = []
        if self.first is not None or self.last is not None:
            days = {"from": None, "to": None}
            parts.append(("period", (self.first, self.last), self.changed(**days)))
        for name, value in self.filter_params.items():
            if name in ("from", "to"):
                continue
            several = value if isinstance(value, list) else [value]
            parts += [(name, one, self.without(name, one)) for one in several]
        return parts
