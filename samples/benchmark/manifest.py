"""The manifest of a made benchmark: what its pictures are, to the pixel, and what made them.

Pixels are compared as they are decoded. Other versions of NumPy, OpenCV, Pillow or their JPEG
library may draw or decode a few of them otherwise; ``published.toml`` has the digests of version 1,
so that everybody learns whether the own pictures are those that others measured on.
"""

from __future__ import annotations

import hashlib
import json
import platform
import tomllib
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, features

from presslens.samples.benchmark.version import BENCHMARK_VERSION

PUBLISHED = Path(__file__).with_name("published.toml")
FILE = "manifest.json"


class DamagedBenchmark(ValueError):
    """A folder isn't a benchmark that this version made, or isn't whole."""


def pixel_hash(path: Path) -> str:
    """Return the sha256 of a picture's mode, size and pixels as they are decoded."""
    with Image.open(path, formats=("JPEG", "PNG")) as image:
        head = f"{image.mode} {image.width} {image.height}\n".encode()
        return hashlib.sha256(head + np.asarray(image).tobytes()).hexdigest()


def libraries() -> dict[str, str]:
    """Return the versions of all that draws and decodes."""
    names = ("numpy", "opencv-python", "pillow", "scipy")
    jpeg = features.version("libjpeg_turbo") or features.version("jpg") or "unknown"
    return {name: version(name) for name in names} | {
        "jpeg": jpeg,
        "machine": platform.machine(),
    }


def manifest(pictures: Mapping[str, str], *, seed: int, sample: bool) -> dict[str, Any]:
    """Return the manifest of the pictures, given the pixel hash of each file."""
    return {
        "benchmark": BENCHMARK_VERSION,
        "seed": seed,
        "sample": sample,
        "libraries": libraries(),
        "digests": digests(pictures),
        "pictures": dict(sorted(pictures.items())),
    }


def digests(pictures: Mapping[str, str]) -> dict[str, str]:
    """Return a digest of all pictures of each condition, which is the folder that they lie in."""
    lines: dict[str, list[str]] = {}
    for file, pixels in sorted(pictures.items()):
        lines.setdefault(file.partition("/")[0], []).append(f"{file} {pixels}\n")
    return {name: hashlib.sha256("".join(of).encode()).hexdigest() for name, of in lines.items()}


def differences(made: Mapping[str, Any], published: Path = PUBLISHED) -> list[str]:
    """Return what sets a made benchmark apart from the published one, in sentences; none if equal.

    Args:
        made: The manifest of the made benchmark.
        published: The digests of the published one.
    """
    listing = tomllib.loads(published.read_text(encoding="utf-8"))
    if made["benchmark"] != listing["benchmark"]:
        return [f"it is version {made['benchmark']}, and published is {listing['benchmark']}"]
    if made["sample"] or made["seed"] != listing["seed"]:
        which = "a sample" if made["sample"] else f"made with the seed {made['seed']}"
        return [f"it is {which}: its figures are not those of the benchmark"]
    if not listing["digests"]:
        return ["no digests of this version are published yet"]
    own = digests(made["pictures"])
    missing = sorted(set(listing["digests"]) - set(own))
    faults = [f"these conditions are missing: {', '.join(missing)}"] if missing else []
    differing = [n for n, digest in own.items() if digest != listing["digests"].get(n)]
    if differing:
        faults.append(
            f"pixels differ from the published ones in {', '.join(differing)}; made with"
            f" {_other_libraries(made['libraries'], listing['libraries'])}"
        )
    return faults


def _other_libraries(ours: Mapping[str, str], theirs: Mapping[str, str]) -> str:
    other = [
        f"{name} {own} (published: {theirs.get(name)})"
        for name, own in ours.items()
        if own != theirs.get(name)
    ]
    same = "the same versions of the libraries: its code or its sources were changed"
    return ", ".join(other) or same


def publish(made: Mapping[str, Any], file: Path) -> None:
    """Write the digests of a made benchmark as those that others compare theirs with.

    Raises:
        ValueError: It is a sample.
    """
    if made["sample"]:
        raise ValueError("a sample can't be published")
    tables = (("libraries", made["libraries"]), ("digests", digests(made["pictures"])))
    lines = [
        "# Written by `presslens benchmark check FOLDER --publish FILE`: the digest of the decoded",
        "# pixels of each condition, and the libraries that drew and decoded them.",
        f'benchmark = "{made["benchmark"]}"',
        f"seed = {made['seed']}",
    ]
    for name, values in tables:
        lines += ["", f"[{name}]", *(f'{key} = "{value}"' for key, value in values.items())]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a folder.

    Raises:
        DamagedBenchmark: There is none, or it isn't one.
    """
    try:
        document = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise DamagedBenchmark(
            f"{folder} has no {FILE}: `presslens benchmark make` makes it"
        ) from error
    except (ValueError, RecursionError) as error:
        raise DamagedBenchmark(f"{folder / FILE}: not JSON: {error}") from error
    if not isinstance(document, dict) or not _is_manifest(document, folder):
        raise DamagedBenchmark(f"{folder / FILE} is no manifest of a benchmark")
    return document


def _is_manifest(document: dict[str, Any], folder: Path) -> bool:
    kinds = {"benchmark": str, "seed": int, "sample": bool, "libraries": dict, "pictures": dict}
    if not all(isinstance(document.get(name), kind) for name, kind in kinds.items()):
        return False
    libraries = document["libraries"]
    texts = (document["benchmark"], *libraries, *libraries.values(), *document["pictures"])
    return all(map(_is_text, texts)) and all(
        isinstance(pixels, str)
        and "\0" not in file
        and (folder / file).resolve().is_relative_to(folder.resolve())
        for file, pixels in document["pictures"].items()
    )


def _is_text(value: Any) -> bool:
    """Return whether a value is a text that can be written, without halves of surrogate pairs."""
    return isinstance(value, str) and value == value.encode("utf-8", "ignore").decode("utf-8")


# Where ultralytics is loaded, what is no picture asks for a package of HEIF: ImportError.
_UNREADABLE = (OSError, SyntaxError, ValueError, ImportError, Image.DecompressionBombError)


def altered(
    folder: Path, made: Mapping[str, Any], *, progress: Callable[[int, int], None]
) -> Iterator[str]:
    """Yield each picture that is missing or has other pixels than its manifest says, and why."""
    pictures = made["pictures"]
    for number, (file, pixels) in enumerate(pictures.items(), start=1):
        try:
            if pixel_hash(folder / file) != pixels:
                yield f"{file}: other pixels than when it was made"
        except FileNotFoundError:
            yield f"{file}: missing"
        except _UNREADABLE as error:
            yield f"{file}: can't be decoded: {error}"
        progress(number, len(pictures))
