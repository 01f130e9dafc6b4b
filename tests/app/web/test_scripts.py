"""The scripts of pages fit together: without one name that another lacks, a page has no script."""

import re
from pathlib import Path

SCRIPTS = Path(__file__).parents[3] / "app/web/static/js"
IMPORTS = re.compile(r"import \{([^}]*)\} from \"\./([\w.]+)\"")
DECLARED = re.compile(r"^export (?:async )?(?:function\*?|class|const|let) (\w+)", re.MULTILINE)
LISTED = re.compile(r"export \{([^}]*)\}")


def names(text: str, place: int) -> set[str]:
    """Return the names of a list, before (0) or after (-1) its ``as``."""
    return {one.strip().split(" as ")[place].strip() for one in text.split(",") if one.strip()}


def test_each_script_exports_what_another_one_imports() -> None:
    texts = {script.name: script.read_text("utf-8") for script in SCRIPTS.glob("*.js")}
    exported = {
        name: set(DECLARED.findall(text)).union(*(names(one, -1) for one in LISTED.findall(text)))
        for name, text in texts.items()
    }
    imported = [
        (name, source, one)
        for name, text in texts.items()
        for wanted, source in IMPORTS.findall(text)
        for one in names(wanted, 0)
    ]
    assert imported
    assert [each for each in imported if each[2] not in exported[each[1]]] == []
