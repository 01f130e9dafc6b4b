"""The lock covers what ``pyproject.toml`` asks for, and every file is known by its hash."""

import re
import tomllib
from pathlib import Path

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from presslens.lab.supply.lock import LockedPackage, builds, divide, parse

ROOT = Path(__file__).parents[3]
LOCKED = {path.name: parse(path.read_text()) for path in (ROOT / "requirements").glob("*.txt")}
PYTHONS = ("3.11", "3.12", "3.13")


def test_every_requirement_is_locked_in_its_range_for_every_python():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = [project["dependencies"], *project["optional-dependencies"].values()]
    required = [Requirement(line) for group in asked for line in group]
    packages = [p for name in ("wheels.txt", "source.txt", "torch.txt") for p in LOCKED[name]]
    missing = [
        f"{wanted} on Python {python}: run `make lock`"
        for wanted in required
        if wanted.name != project["name"]
        for python in PYTHONS
        if not any(
            canonicalize_name(wanted.name) == canonicalize_name(package.name)
            and package.version in wanted.specifier
            and (not package.marker or Marker(package.marker).evaluate(_on(python)))
            for package in packages
        )
    ]
    assert missing == []


def _on(python):
    return {"python_version": python, "python_full_version": f"{python}.8", "sys_platform": "linux"}


def test_every_line_has_hashes_and_is_read_back():
    assert set(LOCKED) == {
        "wheels.txt", "source.txt", "torch.txt", "torch-cpu.txt", "service.txt", "run.txt"
    }  # fmt: skip
    for name, packages in LOCKED.items():
        text = (ROOT / "requirements" / name).read_text()
        assert text.partition("\n")[2] == "".join(f"{package}\n" for package in packages)
        assert [package.name for package in packages if not package.hashes] == []


def test_setup_installs_nothing_that_is_not_checked():
    makefile = (ROOT / "Makefile").read_text()
    recipe = makefile.partition("$(RUNS): ")[2].partition("touch $(STAMP)")[0]
    installs = re.findall(r"\$\((?:INSTALL|WHEELS)\) .*|pip install.*", recipe)
    unchecked = [line for line in installs if "requirements/" not in line]
    assert unchecked == [
        "$(INSTALL) --no-build-isolation --config-settings editable_mode=compat --editable ."
    ]
    assert re.search(r"^WHEELS := .*--require-hashes --only-binary :all:", makefile, re.MULTILINE)


def package(name, version="1", *via):
    return LockedPackage(name, version, frozenset({"0" * 64}), via=frozenset(via))


def test_libraries_for_cuda_go_with_torch_unless_others_ask_for_them():
    packages = [
        package("torch"), package("cuda-toolkit", "13", "torch"), package("pyvips"),
        package("nvidia-cufft", "12", "cuda-toolkit"), package("nvidia-ml-py", "13", "ultralytics"),
    ]  # fmt: skip
    names = {file: [p.name for p in held] for file, held in divide(packages).items()}
    assert names == {
        "wheels.txt": ["nvidia-ml-py"],
        "source.txt": ["pyvips"],
        "torch.txt": ["torch", "cuda-toolkit", "nvidia-cufft"],
    }


def test_builds_of_another_machine_stay_while_their_release_is_locked():
    locked, cpu = [package("torch", "2.13.0")], package("torch", "2.13.0+cpu")
    assert builds(locked, [package("torch", "2.12.0+cpu"), cpu], []) == [cpu]
    assert builds(locked, [package("torch", "2.13.0+cpu")], [cpu]) == [cpu]
    assert builds(locked, [package("torch", "2.12.0+cpu")], []) == []


def test_what_uv_writes_is_read():
    digest = "ab" * 32
    (read,) = parse(
        f"numpy==2.4.6 ; python_version < '3.14' \\\n    --hash=sha256:{digest}\n"
        "    # via\n    #   presslens (pyproject.toml)\n    #   scipy\n"
    )
    assert read == LockedPackage(
        "numpy", "2.4.6", frozenset({digest}), "python_version < '3.14'",
        frozenset({"presslens", "scipy"}),
    )  # fmt: skip


def test_a_service_is_installed_without_what_tests_and_trains():
    all_of_them = {str(package) for package in LOCKED["wheels.txt"]}
    of_service = {str(package) for package in LOCKED["service.txt"]}
    assert of_service < all_of_them
    names = {package.name for package in LOCKED["service.txt"]}
    assert {"fastapi", "onnxruntime", "psycopg-binary", "pytesseract", "ray", "s3fs"} <= names
    assert {"setuptools", "opentelemetry-sdk"} <= names
    assert not {"pytest", "playwright", "mypy", "pip-audit", "dlib-bin"} & names
