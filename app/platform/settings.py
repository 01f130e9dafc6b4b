"""The settings of an installation, from the environment. Only the recipe changes numbers."""

from __future__ import annotations

import os
import re
import shlex
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Literal, get_args, get_origin
from urllib.parse import urlsplit

from annotated_types import Ge, Gt, Le
from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from presslens.models.encoders.own import load_manifest, load_used
from presslens.models.recipe import DEFAULT, Recipe
from presslens.models.registry import Registry, cache_folder
from presslens.pipelines.engine import OnRay
from presslens.pipelines.scans.scan import DEFAULT_LIMITS, Limits

DOI = re.compile(
    r"(?:https?://(?:dx\.)?doi\.org/|doi:)?(10\.\d{4,9}/[^\s\"<>{}\\^`]+)", re.IGNORECASE
)
"""A DOI, perhaps as an address."""


class EngineKind(StrEnum):
    """Where pages are looked at."""

    LOCAL = "local"
    RAY = "ray"


class Settings(BaseSettings):
    """Read from the environment: ``PRESSLENS_DATA_DIR``, ``PRESSLENS_PORT``, and so on."""

    model_config = SettingsConfigDict(env_prefix="PRESSLENS_", frozen=True, extra="forbid")

    data_dir: Path = Field(Path("var"), description="folder of the database and the scans")
    database_url: str = Field("", description="SQLAlchemy URL; empty: SQLite in data_dir")
    store_url: str = Field(
        "",
        description="bucket of the scans, s3://bucket/prefix, whose key and secret stand in the"
        " standard AWS variables; empty: a folder in data_dir",
    )
    s3_endpoint: str = Field(
        "", description="address of the bucket's service, https://host:port; empty: AWS"
    )
    store_cache_bytes: int = Field(
        20 * 2**30, ge=0, description="most bytes of copies of a bucket's files in data_dir"
    )
    host: str = Field("127.0.0.1", description="address that the server listens on")
    port: int = Field(8000, ge=0, le=65535, description="port that the server listens on")
    allowed_hosts: str = Field(
        "",
        description="further names that requests may call this server by, separated by commas",
    )
    require_login: bool = Field(
        False, description="ask for a login or a key on loopback too; elsewhere it is always asked"
    )
    proxies: str = Field(
        "",
        description="addresses of the reverse proxies whose X-Forwarded headers are believed,"
        " separated by commas; with one, a login is asked for",
    )
    tls_certificate: Path | None = Field(
        None, description="PEM file of the certificate to serve HTTPS with"
    )
    tls_key: Path | None = Field(None, description="PEM file of the certificate's key")
    requests_per_minute: int = Field(
        1200, ge=0, description="requests that one person or address may make; 0: any number"
    )
    public: bool = Field(
        False, description="pages on other sites may read IIIF manifests and page pictures"
    )
    processes: int = Field(
        min(4, max(1, (os.cpu_count() or 2) // 2)),
        ge=0,
        le=256,
        description="processes that look at pages; 0: in the worker's own process",
    )
    engine: EngineKind = Field(
        EngineKind.LOCAL, description="where pages are looked at: local, or ray for a Ray cluster"
    )
    ray_address: str = Field(
        "", description="auto or host:port of the Ray cluster; empty: one is started here"
    )
    ray_threads: int = Field(
        1, ge=1, le=256, description="processors of the Ray cluster that look at one page"
    )
    worker_nice: int = Field(
        10,
        ge=0,
        le=19,
        description="how far a worker gives way to the server and other programs: 0 to 19",
    )
    cache_dir: Path = Field(
        default_factory=cache_folder, description="folder of what can be fetched again"
    )
    weights_dir: Path = Field(
        Path(), description="folder of the weights out of packages; empty: in cache_dir"
    )
    known_share: float = Field(
        0.05,
        ge=0,
        le=0.5,
        description="share of the photos at a coder's desk that are known, to measure the coder by",
    )
    recipe: Path = Field(DEFAULT, description="TOML file of the recipe")
    key_file: Path | None = Field(
        None,
        description="file of the key that face embeddings are encrypted with; empty: none",
    )
    file_bytes: int = Field(DEFAULT_LIMITS.file_bytes, ge=1, description="largest file, bytes")
    request_bytes: int = Field(
        DEFAULT_LIMITS.request_bytes, ge=1, description="largest request, bytes"
    )
    request_files: int = Field(500, ge=1, description="most files of a request")
    min_free_bytes: int = Field(
        2 * 2**30, ge=0, description="free disk below which uploads are rejected"
    )
    derivative_bytes: int = Field(
        4 * 2**30, ge=0, description="most bytes of small pictures and tiles kept beside the views"
    )
    trash_days: float = Field(
        30.0, ge=0, description="days after which deleted editions go for good; 0: never"
    )
    inbox_patterns: Path | None = Field(
        None,
        description="TOML file of the names that newspapers give to their files in an inbox; empty:"
        " inbox.toml in data_dir, if there is one",
    )
    settle_seconds: float = Field(
        10.0,
        ge=0,
        description="seconds for which the files of an edition in an inbox must not have changed",
    )
    traces_endpoint: str = Field(
        "", description="address of an OpenTelemetry collector (OTLP over HTTP); empty: none"
    )
    report_folder: Path | None = Field(
        None, description="folder that the morning reports of nights are written into; empty: none"
    )
    report_language: Literal["en", "ko"] = Field(
        "en", description="language of the morning report: en or ko"
    )
    site_url: str = Field(
        "",
        description="address of the site that morning reports link to; empty: public_url, or else"
        " http://host:port",
    )
    public_url: str = Field(
        "",
        description="lasting address of the site, which citations name; empty: they name none",
    )
    doi: str = Field(
        "", description="DOI of the deposit that citations name, 10.5281/zenodo.1234 for instance"
    )
    webhook_url: str = Field(
        "", description="address that the morning report is posted to as JSON; empty: none"
    )
    mail_command: str = Field(
        "",
        description="command that is fed the morning report as a mail, such as sendmail -t;"
        " empty: none",
    )
    mail_to: str = Field("", description="address that the morning report is mailed to")
    lease_seconds: float = Field(60.0, gt=0, description="time after which a lost claim is free")
    poll_seconds: float = Field(
        1.0,
        gt=0,
        description="how often an idle worker looks for work; failed work waits longer, doubled",
    )

    @field_validator("database_url")
    @classmethod
    def _supported_scheme(cls, url: str) -> str:
        scheme, separator, rest = url.partition("://")
        if not url or (separator and scheme.partition("+")[0] in {"sqlite", "postgresql"}):
            return url
        if separator and scheme == "postgres":
            return f"postgresql://{rest}"
        raise ValueError("it begins with neither sqlite:/// nor postgresql://")

    @field_validator("store_url")
    @classmethod
    def _is_bucket(cls, url: str) -> str:
        if url and not re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[^/?#]+)*/?", url):
            raise ValueError("it is no s3://bucket/prefix")
        return url.rstrip("/")

    @field_validator("key_file", "inbox_patterns", "report_folder", mode="before")
    @classmethod
    def _empty_is_none(cls, file: object) -> object:
        return file or None

    @field_validator("webhook_url", "site_url", "public_url")
    @classmethod
    def _web_address(cls, url: str) -> str:
        parts = urlsplit(url)
        if url and (parts.scheme not in {"http", "https"} or not parts.hostname):
            raise ValueError("it begins with neither http:// nor https://")
        return url

    @field_validator("public_url")
    @classmethod
    def _for_others(cls, url: str) -> str:
        if url and is_loopback(urlsplit(url).hostname or ""):
            raise ValueError("others can't reach it")
        return url.rstrip("/")

    @field_validator("doi")
    @classmethod
    def _without_address(cls, doi: str) -> str:
        match = DOI.fullmatch(doi.strip())
        if doi.strip() and match is None:
            raise ValueError("it is no DOI")
        return match[1] if match else ""

    @field_validator("mail_command")
    @classmethod
    def _command(cls, command: str) -> str:
        if "\0" in command or (command and not shlex.split(command)):
            raise ValueError("it is no command")
        return command

    @field_validator("mail_to")
    @classmethod
    def _one_line(cls, address: str) -> str:
        if not address.isprintable():
            raise ValueError("it is not one line")
        return address

    @model_validator(mode="after")
    def _default_places(self) -> Settings:
        if not self.database_url:
            file = self.data_dir.absolute() / "presslens.db"
            object.__setattr__(self, "database_url", f"sqlite:///{file}")
        if self.weights_dir == Path():
            object.__setattr__(self, "weights_dir", self.cache_dir.absolute() / "weights")
        return self

    @property
    def login_required(self) -> bool:
        """Whether requests need a login or a key: others than this machine may reach the server."""
        return self.require_login or bool(self.proxies.strip()) or not is_loopback(self.host)

    @property
    def on_ray(self) -> OnRay | None:
        """Return the Ray cluster that pages are looked at on; None: this machine does it."""
        if self.engine is EngineKind.LOCAL:
            return None
        return OnRay(self.ray_address, self.ray_threads)

    @property
    def site_address(self) -> str:
        """The address of the site, without a slash at its end."""
        stated = self.site_url or self.public_url
        return stated.rstrip("/") or f"http://{self.host}:{self.port}"

    def public_address(self, path: str) -> str:
        """Return the lasting address of a path of this site; "" where it has none."""
        return f"{self.public_url}{path}" if self.public_url else ""

    def cited_address(self, path: str) -> str:
        """Return what readers find the numbers of a path by: its address, or the deposit's DOI."""
        return self.public_address(path) or (f"https://doi.org/{self.doi}" if self.doi else "")

    @property
    def limits(self) -> Limits:
        """Return the limits of scans, with the sizes of uploads from the settings."""
        return Limits(file_bytes=self.file_bytes, request_bytes=self.request_bytes)

    @property
    def encoders_dir(self) -> Path:
        """The folder of the image encoders that users have added."""
        return self.data_dir.absolute() / "encoders"

    def load_registry(self) -> Registry:
        """Return the registry of this installation's weights."""
        manifest = load_manifest(self.encoders_dir)
        return Registry(manifest, packages=self.weights_dir, own=self.encoders_dir)

    def load_recipe(self) -> Recipe:
        """Return the recipe that this installation works under.

        Raises:
            InvalidRecipe: The file can't be used.
            ModelUnavailable: The recipe names a weight file that the manifest doesn't know.
        """
        manifest = load_manifest(self.encoders_dir)
        recipe, used = Recipe.load(self.recipe, manifest), load_used(self.encoders_dir, self.recipe)
        return recipe if used is None else recipe.with_encoder(used, manifest)


def is_loopback(host: str) -> bool:
    """Return whether a server on an address is reached from its own machine alone."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def explain(error: ValidationError) -> str:
    """Return a sentence for each wrong setting: its variable, its value and what is allowed."""
    return "; ".join(_sentence(str(one["loc"][0]), one["input"]) for one in error.errors())


def _sentence(name: str, value: object) -> str:
    variable = f"PRESSLENS_{name.upper()}"
    if name == "database_url":  # the value may hold a password
        return f"{variable} must begin with sqlite:/// or postgresql://"
    if name in ("webhook_url", "site_url"):  # nor need a token in it be printed
        return f"{variable} must begin with http:// or https://"
    if name == "public_url":
        return f"{variable} must begin with http:// or https://, and be one that others reach"
    if name == "doi":
        return f"{variable} is {str(value)!r}, but must be a DOI: 10.5281/zenodo.1234 for instance"
    return f"{variable} is {str(value)!r}, but must be {_allowed(name)}"


def _allowed(name: str) -> str:
    field = Settings.model_fields[name]
    if field.annotation is bool:
        return "true or false"
    if get_origin(field.annotation) is Literal:
        return " or ".join(get_args(field.annotation))
    if field.annotation is EngineKind:
        return " or ".join(EngineKind)
    kind = {int: "a whole number", float: "a number"}.get(field.annotation, "a path or text")  # type: ignore[arg-type]
    bounds = []
    for bound in field.metadata:
        match bound:
            case Ge(ge=low):
                bounds.append(f"at least {low}")
            case Gt(gt=low):
                bounds.append(f"above {low}")
            case Le(le=high):
                bounds.append(f"at most {high}")
    return f"{kind}, {' and '.join(bounds)}" if bounds else kind
