"""Builds the instruments that a recipe names, with their weights."""

from __future__ import annotations

from dataclasses import replace

from presslens.models.captions.reader import caption_reader
from presslens.models.encoders.encoder import OnnxImageEncoder
from presslens.models.errors import InvalidEncoder, ModelUnavailable
from presslens.models.faces.detector import CenterFace
from presslens.models.faces.embedder import DlibEmbedder, FaceresEmbedder, PairedEmbedder
from presslens.models.faces.gate import HeadGate
from presslens.models.faces.whitening import Whitening
from presslens.models.folios.reader import folio_reader
from presslens.models.instruments import (
    CaptionReader,
    FeatureExtractor,
    FolioReader,
    ImageEncoder,
    Instruments,
    Restorer,
)
from presslens.models.photos.finder import SegmentingFinder
from presslens.models.photos.second_look import SecondLook
from presslens.models.recipe import Recipe
from presslens.models.registry import Registry
from presslens.models.restoration.restorer import OnnxRestorer, PrintRestorer, RestoredFeatures
from presslens.models.scripted import scripted_instruments
from presslens.models.subjects.children import ObjectChildEstimator
from presslens.models.subjects.features import EfficientNetFeatures, SharedFeatures
from presslens.models.subjects.maps import LinearMapper
from presslens.models.subjects.objects import OnnxObjectDetector
from presslens.models.subjects.persons import OnnxPersonDetector
from presslens.models.yolo import OnnxYolo


def load_instruments(recipe: Recipe, registry: Registry, *, threads: int = 1) -> Instruments:
    """Return the instruments that a recipe names.

    Args:
        recipe: The kind of instruments, and their rules.
        registry: Where the weights are; each hash is checked before the file is opened.
        threads: CPU threads for one call of a network.

    Raises:
        ModelUnavailable: A weight file is missing.
        ModelMismatch: A weight file is not the one that the manifest names.
    """
    rules = recipe.observe
    encoder = load_encoder(recipe, registry, threads=threads)
    if rules.instruments == "scripted":
        return replace(scripted_instruments(), encoder=encoder)
    # The finder looks at each frame before the observer does.
    features = SharedFeatures(EfficientNetFeatures(registry.path("features"), threads=threads))
    return Instruments(
        photos=load_finder(recipe, registry, threads=threads, features=features),
        restorer=load_restorer(recipe, registry, threads=threads),
        features=features,
        maps=LinearMapper.load(registry.path("maps")),
        objects=load_objects(recipe, registry, threads=threads),
        persons=load_persons(recipe, registry, threads=threads),
        children=ObjectChildEstimator.load(registry.path("children")),
        faces=load_faces(recipe, registry, threads=threads),
        gate=HeadGate.load(registry.path("gate")),
        identity=load_identity(registry, threads=threads),
        captions=caption_reader(rules.captions),
        folios=folio_reader(rules.folios),
        encoder=encoder,
    )


def load_encoder(recipe: Recipe, registry: Registry, *, threads: int = 1) -> ImageEncoder | None:
    """Return the user's image encoder alone; None without one.

    Raises:
        ModelUnavailable: The file is not there, or can't be opened here.
        ModelMismatch: The file is not the one that was added.
    """
    rules = recipe.interpret.encoder
    if rules is None or recipe.encoding_id is None:
        return None
    path = registry.path(rules.network)
    try:
        return OnnxImageEncoder(path, rules, recipe.encoding_id, threads=threads)
    except InvalidEncoder as error:
        raise ModelUnavailable(f"{error}: `presslens models use-encoder` does without") from error


def load_features(recipe: Recipe, registry: Registry, *, threads: int = 1) -> FeatureExtractor:
    """Return the extractor of image features alone, which restores prints, for labels."""
    if recipe.observe.instruments == "scripted":
        return scripted_instruments().features
    extractor = EfficientNetFeatures(registry.path("features"), threads=threads)
    return RestoredFeatures(load_restorer(recipe, registry, threads=threads), extractor)


def load_restorer(recipe: Recipe, registry: Registry, *, threads: int = 1) -> Restorer:
    """Return the restorer of printed photos alone, for training."""
    if recipe.observe.instruments == "scripted":
        return scripted_instruments().restorer
    return PrintRestorer(OnnxRestorer(registry.path("restoration"), threads=threads))


def load_captions(recipe: Recipe) -> CaptionReader:
    """Return this machine's caption reader alone."""
    if recipe.observe.instruments == "scripted":
        return scripted_instruments().captions
    return caption_reader(recipe.observe.captions)


def load_folios(recipe: Recipe) -> FolioReader:
    """Return this machine's reader of folios alone."""
    if recipe.observe.instruments == "scripted":
        return scripted_instruments().folios
    return folio_reader(recipe.observe.folios)


def load_objects(recipe: Recipe, registry: Registry, *, threads: int = 1) -> OnnxObjectDetector:
    """Return the object detector alone, for training."""
    path = registry.path("objects")
    return OnnxObjectDetector(path, size=recipe.observe.objects.size, threads=threads)


def load_persons(recipe: Recipe, registry: Registry, *, threads: int = 1) -> OnnxPersonDetector:
    """Return the person detector alone, for training."""
    path = registry.path("persons")
    return OnnxPersonDetector(path, recipe.observe.persons, threads=threads)


def load_faces(recipe: Recipe, registry: Registry, *, threads: int = 1) -> CenterFace:
    """Return the face detector alone, for training."""
    return CenterFace(registry.path("faces"), recipe.observe.faces, threads=threads)


def load_identity(registry: Registry, *, threads: int = 1) -> PairedEmbedder:
    """Return the face embedder alone."""
    return PairedEmbedder(
        DlibEmbedder(registry.path("identity"), threads=threads),
        FaceresEmbedder(registry.path("faceres"), threads=threads),
        Whitening.load(registry.path("whitening")),
    )


def load_finder(
    recipe: Recipe,
    registry: Registry,
    *,
    threads: int = 1,
    features: FeatureExtractor | None = None,
    twice: bool = True,
) -> SegmentingFinder:
    """Return the photo finder alone, for measurements.

    Args:
        recipe: Its rules.
        registry: Where the weights are.
        threads: CPU threads for one call of a network.
        features: The extractor of image features, of prints as they are; None: it is loaded.
        twice: Whether it looks at what it found a second time.
    """
    rules = recipe.observe.photos
    path = registry.path("segmenter")
    segmenter = OnnxYolo(path, size=rules.size, score=rules.candidate, threads=threads)
    if not twice or not rules.photograph:
        return SegmentingFinder(segmenter, rules)
    seen = features or EfficientNetFeatures(registry.path("features"), threads=threads)
    return SegmentingFinder(segmenter, rules, SecondLook.load(registry.path("photographs"), seen))
