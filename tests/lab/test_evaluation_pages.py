import pytest

from presslens.lab import evaluation_pages as evaluation
from presslens.lab.evaluation_pages import compose_pages, generator


class Composer:
    """Writes a truth file and remembers what it was asked for."""

    def __init__(self):
        self.asked = []

    def __call__(self, kind, _sources, out, **options):
        self.asked.append((options["condition"], kind, options["seed"]))
        out.mkdir(parents=True)
        (out / "truth.json").write_text("{}")


def compose(folder, composer, **options):
    asked = {"kinds": ["special"], "conditions": ["clean", "scanned"], "seeds": [1, 2], **options}
    return compose_pages(folder / "sources", folder / "pages", compose=composer, **asked)


def test_every_kind_is_composed_in_every_condition_once(tmp_path):
    composer, told = Composer(), list[str]()
    pages = compose(tmp_path, composer, progress=told.append)
    assert composer.asked == [
        ("clean", "special", 1),
        ("clean", "special", 2),
        ("scanned", "special", 1),
        ("scanned", "special", 2),
    ]
    assert len(told) == 4
    assert (pages / "scanned" / "special-2" / "truth.json").is_file()
    compose(tmp_path, composer)
    assert len(composer.asked) == 4
    compose(tmp_path, composer, seeds=[2, 3])
    assert composer.asked[4:] == [("clean", "special", 3), ("scanned", "special", 3)]
    # What isn't asked for would be measured, so it goes.
    assert sorted(path.name for path in (pages / "clean").iterdir()) == ["special-2", "special-3"]


def test_an_interrupted_edition_is_composed_again(tmp_path):
    class Interrupted(Composer):
        def __call__(self, kind, sources, out, **options):
            super().__call__(kind, sources, out, **options)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compose(tmp_path, Interrupted())
    assert not list((tmp_path / "pages").rglob("truth.json"))
    composer = Composer()
    compose(tmp_path, composer)
    assert len(composer.asked) == 4


def test_pages_of_another_generator_are_composed_anew(tmp_path, monkeypatch):
    compose(tmp_path, Composer())
    monkeypatch.setattr(evaluation, "generator", lambda: "another")
    composer = Composer()
    compose(tmp_path, composer)
    assert len(composer.asked) == 4


def test_the_generator_has_one_hash():
    assert generator() == generator()
    assert len(generator()) == 64
