"""Everything that is installed or shipped has a licence that AGPL-3.0-or-later allows."""

from email.message import Message as Metadata
from importlib.metadata import Distribution
from pathlib import Path

import pytest

from presslens.lab.supply.licences import LicencePolicy, main

POLICY = LicencePolicy.ours()


def test_nothing_is_refused(capsys):
    ended = main()
    assert (ended, capsys.readouterr().err.partition("refused ")[2]) == (0, "\n")


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        ("MIT", True), ("Apache-2.0 WITH LLVM-exception", True),
        ("MIT AND GPL-2.0-only", False), ("GPL-2.0-only OR MIT", True),
        ("(MIT OR GPL-2.0-only) AND MPL-2.0", True), ("CC-BY-NC-4.0", False),
        ("SSPL-1.0", False), ("Proprietary", False), ("", False),
    ],
)  # fmt: skip
def test_expressions_are_weighed(expression, allowed):
    assert POLICY.allows(expression) is allowed


class Described(Distribution):
    """A package of which only the metadata is known."""

    def __init__(self, **fields):
        self.described = Metadata()
        for field, value in {"Name": "tiny", **fields}.items():
            self.described[field.replace("_", "-")] = value

    def read_text(self, filename):
        return str(self.described) if filename == "METADATA" else None

    def locate_file(self, path):
        return Path(str(path))


MIT_TROVE = "License :: OSI Approved :: MIT License"


@pytest.mark.parametrize(
    ("fields", "expression"),
    [
        ({"License_Expression": "ISC", "License": "MIT"}, "ISC"),
        ({"License": "BSD-3-Clause"}, "BSD-3-Clause"),
        ({"License": "do what you like", "Classifier": MIT_TROVE}, "MIT"),
        ({"Classifier": "License :: OSI Approved :: BSD License"}, ""),
        ({"Name": "SymPy"}, "BSD-3-Clause"),
        ({}, ""),
    ],
)
def test_packages_say_their_licence_in_several_ways(fields, expression):
    assert POLICY.expression(Described(**fields)) == expression
