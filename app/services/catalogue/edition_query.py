"""What is asked of editions: a newspaper, and days."""

from __future__ import annotations

from typing import Self

from presslens.app.db.queries import EditionScope
from presslens.app.installation import Installation
from presslens.app.platform.questions import MOST, BaseQuery, Day, Name, ask
from presslens.app.services.catalogue.scope import check_edition, existing_newspaper


class EditionQuery(BaseQuery):
    """The editions of a newspaper, between two days; what is missing is any."""

    publication: Name | None = ask("The newspaper.")
    first: Day | None = ask("First day.", alias="from")
    last: Day | None = ask("Last day.", alias="to")

    @property
    def scope(self) -> EditionScope:
        """The selection of these editions.

        Raises:
            InvalidRequest: The first day lies after the last.
        """
        return EditionScope(self.publication, self.first, self.last)

    def resolved(self, home: Installation) -> Self:
        """Return the question with the own name of its newspaper.

        Raises:
            InvalidRequest: There is no such newspaper.
        """
        return self.model_copy(update={"publication": existing_newspaper(home, self.publication)})


class ExportQuery(EditionQuery):
    """The editions of an export: those of a newspaper between two days, or a single one."""

    edition: int | None = ask("Of this edition only.", ge=1, le=MOST)

    @property
    def scope(self) -> EditionScope:
        """The selection of these editions.

        Raises:
            InvalidRequest: The first day lies after the last.
        """
        return EditionScope(self.publication, self.first, self.last, self.edition)

    def resolved(self, home: Installation) -> Self:
        """Return the question with the own name of its newspaper.

        Raises:
            InvalidRequest: There is no such newspaper.
            NotFound: There is no such edition.
        """
        check_edition(home, self.edition)
        return super().resolved(home)
