"""An edition as METS with MODS and PREMIS: its pages, their images and ALTO, the photos on them.

https://www.loc.gov/standards/mets/ . The physical map has the pages, the logical one the photos
with their captions and the headlines, by their blocks of ALTO. MODS has the library's description
of the edition, and PREMIS the analysis. ``presslens import`` reads it again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from presslens.app.db.descriptions import PageCanvasRow
from presslens.app.services.catalogue.descriptions import EditionDescription
from presslens.app.services.catalogue.identifiers import LibraryIdentifier
from presslens.app.services.exports.page_regions import PageRegions
from presslens.app.services.exports.snapshot.manifest import code_version
from presslens.app.services.exports.xml_document import XmlVocabulary, xml_bytes, xml_text, xml_time
from presslens.pipelines.archives.bibliography import SOURCE
from presslens.pipelines.archives.identifiers import IdentifierScheme
from presslens.pipelines.archives.mets import CANVASES, SERVICES

METS = XmlVocabulary("http://www.loc.gov/METS/")
MODS = XmlVocabulary("http://www.loc.gov/mods/v3")
PREMIS = XmlVocabulary("http://www.loc.gov/premis/v3")
_XLINK = "{http://www.w3.org/1999/xlink}"

IMAGES, TEXTS = "DEFAULT", "FULLTEXT"
"""The uses of groups of files, in the words of the DFG Viewer."""


@dataclass(frozen=True, slots=True)
class MetsFile:
    """A file that a METS document names."""

    href: str  # where it is: a path beside the document, or an address
    media_type: str
    sha256: str | None = None  # its hash; None: it is not beside the document
    size: int | None = None  # its length in bytes; None: it is not beside the document
    owner_name: str = ""  # the name of the file that it was made of


@dataclass(frozen=True, slots=True)
class MetsPage:
    """A page of a METS document."""

    regions: PageRegions
    image: MetsFile
    alto: MetsFile
    canvas: PageCanvasRow | None = None  # the library's canvas; None: unknown


def mets_document(pages: Sequence[MetsPage], description: EditionDescription | None) -> bytes:
    """Return the METS document of an edition; the same content gives the same bytes.

    Args:
        pages: Its analysed pages, one at least.
        description: The library's description; None without one.
    """
    first = pages[0].regions
    object_ids = [
        one.value
        for one in _edition_identifiers(description)
        if one.scheme is IdentifierScheme.OBJID
    ]
    root = METS.root(
        "mets",
        **({"OBJID": xml_text(object_ids[0])} if object_ids else {}),
        LABEL=xml_text(f"{_title(first, description)}, {first.day.isoformat()}"),
        TYPE="newspaper issue",
    )
    _header(root, pages, description)
    wrapped = METS.add(METS.add(root, "dmdSec", ID="issue"), "mdWrap", MDTYPE="MODS")
    _mods(METS.add(wrapped, "xmlData"), first, description)
    _provenance(METS.add(root, "amdSec", ID="analysis"), pages)
    _files(METS.add(root, "fileSec"), pages)
    _physical(METS.add(root, "structMap", TYPE="PHYSICAL"), pages)
    _logical(METS.add(root, "structMap", TYPE="LOGICAL"), pages)
    _links(METS.add(root, "structLink"), pages)
    return xml_bytes(root)


def _title(page: PageRegions, description: EditionDescription | None) -> str:
    """Return the library's title of the newspaper, or else our name."""
    return description.title if description and description.title else page.publication


def _edition_identifiers(description: EditionDescription | None) -> Sequence[LibraryIdentifier]:
    return description.identifiers if description else ()


def _header(
    root: etree._Element, pages: Sequence[MetsPage], description: EditionDescription | None
) -> None:
    changed = max(page.regions.changed_at for page in pages)
    header = METS.add(root, "metsHdr", CREATEDATE=xml_time(changed))
    agent = METS.add(header, "agent", ROLE="CREATOR", TYPE="OTHER", OTHERTYPE="SOFTWARE")
    METS.add(agent, "name", f"Presslens {code_version()}")
    if description is not None and description.holder:
        keeper = METS.add(header, "agent", ROLE="CUSTODIAN", TYPE="ORGANIZATION")
        METS.add(keeper, "name", xml_text(description.holder))


def _mods(
    parent: etree._Element, page: PageRegions, description: EditionDescription | None
) -> None:
    mods = MODS.add(parent, "mods", version="3.8")
    title = _title(page, description)
    MODS.add(MODS.add(mods, "titleInfo"), "title", xml_text(title))
    if title != page.publication:
        ours = MODS.add(mods, "titleInfo", type="alternative")
        MODS.add(ours, "title", xml_text(page.publication))
    MODS.add(mods, "typeOfResource", "text")
    MODS.add(mods, "genre", "newspaper", authority="marcgt")
    origin = MODS.add(mods, "originInfo")
    MODS.add(origin, "dateIssued", page.day.isoformat(), encoding="w3cdtf", keyDate="yes")
    host = MODS.add(mods, "relatedItem", type="host")
    MODS.add(MODS.add(host, "titleInfo"), "title", xml_text(title))
    if description is None:
        return
    _identifiers(host, description.newspaper_identifiers)
    for language in description.languages:
        term = MODS.add(mods, "language")
        MODS.add(term, "languageTerm", xml_text(language), type="code", authority="rfc5646")
    _identifiers(mods, description.identifiers)
    if description.holder or description.homepage:
        location = MODS.add(mods, "location")
        if description.holder:
            MODS.add(location, "physicalLocation", xml_text(description.holder))
        if description.homepage:
            MODS.add(location, "url", xml_text(description.homepage), access="object in context")
    if description.rights or description.rights_address:
        address = {f"{_XLINK}href": xml_text(description.rights_address)}
        MODS.add(
            mods,
            "accessCondition",
            xml_text(description.rights or description.rights_address),
            type="use and reproduction",
            **(address if description.rights_address else {}),
        )
    if description.edition_label:
        detail = MODS.add(MODS.add(mods, "part"), "detail", type="edition")
        MODS.add(detail, "caption", xml_text(description.edition_label))
    if description.source:
        original = MODS.add(mods, "relatedItem", type="otherFormat", displayLabel=SOURCE)
        MODS.add(MODS.add(original, "location"), "url", xml_text(description.source))


def _identifiers(parent: etree._Element, identifiers: Sequence[LibraryIdentifier]) -> None:
    for one in identifiers:
        if one.scheme is not IdentifierScheme.OBJID:
            MODS.add(parent, "identifier", xml_text(one.value), type=one.scheme.value)


def _provenance(section: etree._Element, pages: Sequence[MetsPage]) -> None:
    """Add the agent, the recipe and the time of the analysis."""
    recipe, codebook = pages[0].regions.recipe_id, pages[0].regions.codebook
    agent = _premis(section, "agent")
    _identified(agent, "agent", f"Presslens {code_version()}")
    PREMIS.add(agent, "agentName", "Presslens")
    PREMIS.add(agent, "agentType", "software")
    PREMIS.add(agent, "agentVersion", code_version())
    event = _premis(section, "event")
    _identified(event, "event", f"recipe {recipe}")
    PREMIS.add(event, "eventType", "metadata extraction")
    analysed = max(page.regions.analysed_at for page in pages)
    PREMIS.add(event, "eventDateTime", xml_time(analysed))
    detail = PREMIS.add(event, "eventDetailInformation")
    PREMIS.add(
        detail,
        "eventDetail",
        f"photos found, and what they show estimated; recipe {recipe}; codebook {codebook}",
    )
    linked = PREMIS.add(event, "linkingAgentIdentifier")
    PREMIS.add(linked, "linkingAgentIdentifierType", "local")
    PREMIS.add(linked, "linkingAgentIdentifierValue", f"Presslens {code_version()}")


def _premis(section: etree._Element, what: str) -> etree._Element:
    provenance = METS.add(section, "digiprovMD", ID=f"analysis-{what}")
    wrapped = METS.add(provenance, "mdWrap", MDTYPE=f"PREMIS:{what.upper()}")
    return PREMIS.add(METS.add(wrapped, "xmlData"), what)


def _identified(element: etree._Element, what: str, value: str) -> None:
    identifier = PREMIS.add(element, f"{what}Identifier")
    PREMIS.add(identifier, f"{what}IdentifierType", "local")
    PREMIS.add(identifier, f"{what}IdentifierValue", value)


def _files(section: etree._Element, pages: Sequence[MetsPage]) -> None:
    for use in (IMAGES, TEXTS):
        group = METS.add(section, "fileGrp", USE=use)
        for page in pages:
            content = page.image if use == IMAGES else page.alto
            more = {"ADMID": "analysis-event"} if use == TEXTS else {}
            if content.sha256 is not None:
                more |= {"CHECKSUM": content.sha256, "CHECKSUMTYPE": "SHA-256"}
                more["SIZE"] = str(content.size)
            if content.owner_name:
                more["OWNERID"] = xml_text(content.owner_name)
            file = METS.add(group, "file", ID=_file(page, use), MIMETYPE=content.media_type, **more)
            METS.add(file, "FLocat", LOCTYPE="URL", **{f"{_XLINK}href": content.href})
    for use in (CANVASES, SERVICES):
        places = [(page, place) for page in pages if (place := _place(page, use))]
        if places:
            group = METS.add(section, "fileGrp", USE=use)
        for page, place in places:
            file = METS.add(group, "file", ID=_file(page, use), MIMETYPE="application/ld+json")
            METS.add(file, "FLocat", LOCTYPE="URL", **{f"{_XLINK}href": xml_text(place)})


def _place(page: MetsPage, use: str) -> str:
    """Return the address of a page's canvas, or of the service of its image; "" without one."""
    if page.canvas is None:
        return ""
    return page.canvas.canvas if use == CANVASES else page.canvas.image_service


def _file(page: MetsPage, use: str) -> str:
    return f"{use.lower()}-{page.regions.number}"


def _sheet(page: MetsPage) -> str:
    return f"page-{page.regions.number}"


def _physical(structure: etree._Element, pages: Sequence[MetsPage]) -> None:
    sequence = METS.add(structure, "div", ID="pages", TYPE="physSequence")
    for order, page in enumerate(pages, start=1):
        div = METS.add(
            sequence,
            "div",
            ID=_sheet(page),
            TYPE="page",
            ORDER=str(order),
            ORDERLABEL=str(page.regions.number),
        )
        for use in (IMAGES, TEXTS):
            METS.add(div, "fptr", FILEID=_file(page, use))
        if page.canvas is not None:
            _on_canvas(div, page, page.canvas)


def _on_canvas(div: etree._Element, page: MetsPage, canvas: PageCanvasRow) -> None:
    """Add the rectangle of the library's canvas that a page is, and the service of its image."""
    extent = {}
    if canvas.width and canvas.height:
        extent = {"SHAPE": "RECT", "COORDS": f"0,0,{canvas.width:.16g},{canvas.height:.16g}"}
    METS.add(METS.add(div, "fptr"), "area", FILEID=_file(page, CANVASES), **extent)
    if canvas.image_service:
        METS.add(div, "fptr", FILEID=_file(page, SERVICES))


def _logical(structure: etree._Element, pages: Sequence[MetsPage]) -> None:
    """Add the issue with its headlines, photos and captions, by their blocks of ALTO."""
    first = pages[0].regions
    newspaper = METS.add(structure, "div", TYPE="newspaper", LABEL=xml_text(first.publication))
    issue = METS.add(
        newspaper,
        "div",
        ID="logical-issue",
        TYPE="issue",
        DMDID="issue",
        ADMID="analysis",
        ORDERLABEL=first.day.isoformat(),
    )
    for page in pages:
        captions = {one.photos[0] for one in page.regions.texts if one.kind == "caption"}
        headlines = [one for one in page.regions.texts if one.kind == "headline"]
        for i, _ in enumerate(headlines, start=1):
            _block(issue, page, "headline", f"headline-{i}")
        for photo in page.regions.photos:
            div = _block(issue, page, "illustration", f"photo-{photo.photo_id}")
            if photo.photo_id in captions:
                _block(div, page, "caption", f"caption-{photo.photo_id}")


def _block(parent: etree._Element, page: MetsPage, kind: str, block: str) -> etree._Element:
    """Add a division that is a block of the ALTO of a page."""
    div = METS.add(parent, "div", ID=f"{_sheet(page)}-{block}", TYPE=kind)
    pointer = METS.add(div, "fptr")
    METS.add(pointer, "area", FILEID=_file(page, TEXTS), BEGIN=block, BETYPE="IDREF")
    return div


def _links(section: etree._Element, pages: Sequence[MetsPage]) -> None:
    for name, sheet in _linked(pages):
        ends = {f"{_XLINK}from": name, f"{_XLINK}to": sheet}
        METS.add(section, "smLink", **ends)


def _linked(pages: Sequence[MetsPage]) -> Iterator[tuple[str, str]]:
    """Yield the divisions of the logical map with those of the physical one."""
    yield "logical-issue", "pages"
    for page in pages:
        for photo in page.regions.photos:
            yield f"{_sheet(page)}-photo-{photo.photo_id}", _sheet(page)
