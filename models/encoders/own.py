"""The folder of the image encoders that users have added: files, their manifest, the one in use.

``manifest.toml`` names each file with its hash, licence and source, as that of the project does;
``used.toml`` holds the rules of the encoder in use, and the file of the recipe that it joins: one
that was written to another file is what that file says. Files are named
after their hashes, and written whole or not at all.
"""

from __future__ import annotations

import os
import shutil
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from presslens.models.errors import InvalidEncoder, InvalidRecipe
from presslens.models.recipe import DEFAULT, EncoderRules
from presslens.models.registry import Manifest, WeightFile, sha256_of
from presslens.models.toml_lines import toml_lines

if TYPE_CHECKING:  # it brings OpenCV along, which those who only read a recipe do without
    from presslens.models.encoders.card import EncoderCard

PREFIX, READERS = "encoder-", "-readers-"
"""In the names of the weights: ``encoder-NAME`` and ``encoder-NAME-readers-HASH``."""

FINDING = "-finding.txt"
"""End of the file that says why an encoder got no readers, after its name."""

MANIFEST, USED = "manifest.toml", "used.toml"
"""Files of the folder."""


def load_manifest(folder: Path) -> Manifest:
    """Return the manifest of the project and of the encoders in a folder.

    Raises:
        InvalidRecipe: The folder's manifest can't be read.
    """
    return Manifest.load().joined(_own(folder))


def load_used(folder: Path, recipe: Path) -> EncoderRules | None:
    """Return the rules of the encoder that joins the recipe of a file; None without one.

    Raises:
        InvalidRecipe: They can't be read.
    """
    try:
        used = tomllib.loads((folder / USED).read_text("utf-8"))
        joins = used.pop("recipe", None) == _named(recipe)
        return EncoderRules.model_validate(used) if joins else None
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise InvalidRecipe(f"{folder / USED}: {error}") from error


def use_encoder(folder: Path, rules: EncoderRules | None, recipe: Path) -> None:
    """Have an encoder join the recipe of a file from now on, or none."""
    if rules is None:
        (folder / USED).unlink(missing_ok=True)
        return
    _write(folder / USED, toml_lines({"recipe": _named(recipe), **rules.model_dump(mode="json")}))


def _named(recipe: Path) -> str:
    """Return the name of a recipe's file; that of the default one, wherever it is, is empty."""
    return "" if recipe == DEFAULT else str(recipe.absolute())


def add_network(folder: Path, network: Path, card: EncoderCard) -> EncoderRules:
    """Copy a network into the folder, and return its rules.

    Raises:
        InvalidEncoder: Another encoder has its name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{PREFIX}{card.name}"
    sha256 = sha256_of(network)
    previous = next((one for one in _own(folder).weight if one.name == name), None)
    if previous is not None and previous.sha256 != sha256:
        raise InvalidEncoder(f"there is another encoder {card.name}: name this one otherwise")
    file = f"{card.name}-{sha256[:12]}.onnx"
    part = folder / f"{file}.{os.getpid()}.part"
    try:
        shutil.copyfile(network, part)
        if sha256_of(part) != sha256:
            raise InvalidEncoder(f"{network.name} has changed while it was read")
        part.replace(folder / file)
    finally:
        part.unlink(missing_ok=True)
    rules = EncoderRules(network=name, **card.given.model_dump())
    _write(folder / f"{card.name}.toml", toml_lines(rules.model_dump(mode="json")))
    _list(folder, name, file, sha256, card.licence, card.source)
    return rules


def find_rules(folder: Path, name: str) -> EncoderRules:
    """Return the rules of an encoder, with the readers that were fitted last.

    Raises:
        InvalidEncoder: There is none of this name.
    """
    names = encoder_names(folder)
    if name not in names:
        raise InvalidEncoder(
            f"there is no encoder {name!r}; there is: {', '.join(names) or 'none'}"
        )
    try:
        text = (folder / f"{name}.toml").read_text("utf-8")
        return EncoderRules.model_validate(tomllib.loads(text))
    except (OSError, ValueError) as error:
        raise InvalidEncoder(f"{name}.toml can't be read: add the encoder again") from error


def encoder_names(folder: Path) -> list[str]:
    """Return the names of the encoders in a folder."""
    weights = (one.name for one in _own(folder).weight if one.file.endswith(".onnx"))
    return sorted(name.removeprefix(PREFIX) for name in weights)


def add_readers(folder: Path, rules: EncoderRules, content: bytes, origin: str) -> EncoderRules:
    """Store readers that were fitted with an encoder, and return its rules with them."""
    name = rules.network.removeprefix(PREFIX)
    part = folder / f"{name}.{os.getpid()}.part"
    part.write_bytes(content)
    sha256 = sha256_of(part)
    file = f"{name}{READERS}{sha256[:12]}.npy"
    part.replace(folder / file)
    fitted = rules.model_copy(update={"readers": f"{rules.network}{READERS}{sha256[:12]}"})
    _list(folder, fitted.readers, file, sha256, "yours", origin)
    (folder / f"{name}{FINDING}").unlink(missing_ok=True)
    _write(folder / f"{name}.toml", toml_lines(fitted.model_dump(mode="json")))
    return fitted


def note_finding(folder: Path, name: str, finding: str) -> None:
    """Store why an encoder that was measured got no readers."""
    (folder / f"{name}{FINDING}").write_text(finding, "utf-8")


def find_finding(folder: Path, name: str) -> str | None:
    """Return why an encoder got no readers when it was measured last; None if it is not so."""
    path = folder / f"{name}{FINDING}"
    return path.read_text("utf-8") if path.is_file() else None


def remove_encoder(folder: Path, name: str) -> None:
    """Delete an encoder, which is not in use, and its readers.

    Raises:
        InvalidEncoder: There is none of this name.
    """
    rules = find_rules(folder, name)
    weights = _own(folder).weight
    gone = [
        one
        for one in weights
        if one.name == rules.network or one.name.startswith(f"{rules.network}{READERS}")
    ]
    _write_manifest(folder, [one for one in weights if one not in gone])
    for file in (*(one.file for one in gone), f"{name}.toml", f"{name}{FINDING}"):
        (folder / file).unlink(missing_ok=True)


def _own(folder: Path) -> Manifest:
    path = folder / MANIFEST
    try:
        return Manifest.load(path) if path.is_file() else Manifest(weight=())
    except (OSError, ValueError) as error:
        raise InvalidRecipe(f"{path} can't be read: {error}") from error


def _list(folder: Path, name: str, file: str, sha256: str, licence: str, origin: str) -> None:
    """Put a file into the manifest of the folder, in place of one of the same name."""
    entry = WeightFile(
        name=name, file=file, sha256=sha256, licence=licence, origin=origin, own=True
    )
    others = [one for one in _own(folder).weight if one.name != name]
    _write_manifest(folder, [*others, entry])


def _write_manifest(folder: Path, weights: list[WeightFile]) -> None:
    tables = (
        ["[[weight]]", *toml_lines(one.model_dump(exclude_none=True)), ""]
        for one in sorted(weights, key=lambda one: one.name)
    )
    _write(folder / MANIFEST, [line for table in tables for line in table] or ["weight = []"])


def _write(path: Path, lines: Sequence[str]) -> None:
    """Replace a TOML file, once what is written can be read; what was there stays otherwise."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        part.write_text("\n".join(lines) + "\n", encoding="utf-8")
        tomllib.loads(part.read_text("utf-8"))
        part.replace(path)
    except ValueError as error:
        raise InvalidEncoder(f"{path.name} can't be written: {error}") from error
    finally:
        part.unlink(missing_ok=True)
