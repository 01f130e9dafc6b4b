"""What is read of captions and headlines on real pages, in their language and in wrong ones.

``python -m presslens.lab.bench.caption_languages --data ../shared/data``: by newspaper, how many
texts are found, how many are stored in its own language, and how many in languages that are not
its own, each of which is noise, as they are now and as without a least confidence.
"""

from __future__ import annotations

import argparse
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image as Pillow
from rich.console import Console
from rich.table import Table

from presslens.app.platform.settings import Settings
from presslens.lab.evaluation.folios import REAL_PAGES
from presslens.models.captions.captioning import captioned
from presslens.models.captions.reader import caption_reader
from presslens.models.loading import load_finder
from presslens.models.vocabulary import PageObservation, PhotoObservation, Transcript

FOREIGN = ("ko", "en", "el", "ru", "hi")
"""The languages that pages are read in, beside their own."""

NOTHING = np.zeros(0, np.float32)


@dataclass(frozen=True, slots=True)
class TextCounts:
    """How many texts of a newspaper are found, and what is stored of them."""

    newspaper: str
    found: int
    own: int  # stored as read in its own language
    foreign: int  # stored as read in another one
    tries: int  # readings in other ones
    unbounded: int  # what would be stored of these without a least confidence


def main() -> None:
    """Measure, and print a row for each newspaper."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder of labelled sets")
    table = Table("newspaper", "texts", "stored", "readings in wrong languages", "stored", "before")
    for row in count_texts(parser.parse_args().data):
        numbers = (row.found, row.own, row.tries, row.foreign, row.unbounded)
        table.add_row(row.newspaper, *map(str, numbers))
    Console().print(table)


def count_texts(data: Path) -> Iterator[TextCounts]:
    """Yield the counts of each newspaper whose pages are in a data folder."""
    settings = Settings()
    recipe = settings.load_recipe()
    finder = load_finder(recipe, settings.load_registry())
    bounded = caption_reader(recipe.observe.captions)
    unbounded = caption_reader(recipe.observe.captions.model_copy(update={"sure": 0.0}))
    counts: dict[str, Counter[str]] = {}
    for entry in tomllib.loads(REAL_PAGES.read_text(encoding="utf-8"))["page"]:
        path, language = data / entry["file"], entry["language"]
        if not path.is_file() or bounded.why_not([language, *FOREIGN]) is not None:
            continue
        page = np.asarray(Pillow.open(path).convert("RGB"))
        photos = [PhotoObservation(f, (), (), NOTHING) for f in finder.find(page).frames]
        seen = PageObservation(page.shape[1], page.shape[0], tuple(photos))
        own = counts.setdefault(f"{Path(entry['file']).parts[1]}, {language}", Counter())
        read = _texts(captioned(seen, page, bounded, [language]))
        own.update(found=len(read), own=_stored(read))
        for other in set(FOREIGN) - {language}:
            kept, all_ = (_texts(captioned(seen, page, r, [other])) for r in (bounded, unbounded))
            own.update(tries=len(kept), foreign=_stored(kept), unbounded=_stored(all_))
    for newspaper, own in counts.items():
        names = ("found", "own", "foreign", "tries", "unbounded")
        yield TextCounts(newspaper, **{name: own[name] for name in names})


def _texts(seen: PageObservation) -> list[Transcript]:
    captions = (photo.caption for photo in seen.photos)
    return [*(caption for caption in captions if caption is not None), *seen.headlines]


def _stored(texts: Sequence[Transcript]) -> int:
    return sum(bool(text.text) for text in texts)


if __name__ == "__main__":
    main()
