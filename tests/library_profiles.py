"""Editions in the profiles of libraries, made for tests: one small folder a family."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from .library import HEIGHT, WIDTH, Issue, Line, alto, draw_page

CAPTION = "Workers of the new plant"
_SPACES = (
    'xmlns="http://www.loc.gov/METS/" xmlns:xlink="http://www.w3.org/1999/xlink"'
    ' xmlns:mods="http://www.loc.gov/mods/v3" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:dcterms="http://purl.org/dc/terms/" xmlns:ndnp="http://www.loc.gov/ndnp"'
    ' xmlns:spar_dc="http://bibnum.bnf.fr/ns/spar_dc"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
)


def mets_of(attributes: str, *parts: str) -> str:
    """Return a METS document with attributes of its root."""
    declared = f'<?xml version="1.0" encoding="UTF-8"?><mets {_SPACES} {attributes}>'
    return f"{declared}{''.join(parts)}</mets>"


def section(name: str, content: str, kind: str = "MODS") -> str:
    """Return a descriptive section."""
    inside = f"<mods:mods>{content}</mods:mods>" if kind == "MODS" else content
    wrapped = f'<mdWrap MDTYPE="{kind}"><xmlData>{inside}</xmlData></mdWrap>'
    return f'<dmdSec ID="{name}">{wrapped}</dmdSec>'


def files(*groups: tuple[str, str, Sequence[str]]) -> str:
    """Return a file section of groups: their use, the type of their files, and their addresses."""
    return f"<fileSec>{''.join(_group(*group) for group in groups)}</fileSec>"


def _group(use: str, mime: str, hrefs: Sequence[str]) -> str:
    inside = "".join(
        f'<file ID="{use}{n}" MIMETYPE="{mime}"><FLocat LOCTYPE="URL" xlink:href="{href}"/></file>'
        for n, href in enumerate(hrefs, 1)
    )
    return f'<fileGrp USE="{use}">{inside}</fileGrp>'


def pointers(uses: Sequence[str], number: int) -> str:
    """Return pointers to the files of a page, one by one."""
    return "".join(f'<fptr FILEID="{use}{number}"/>' for use in uses)


def page_divs(uses: Sequence[str], kinds: Sequence[str]) -> str:
    """Return the divisions of pages by their kinds, each with areas of its files side by side."""
    return "".join(
        f'<div ORDER="{n}" ORDERLABEL="{n}" TYPE="{kind}"><fptr><par>'
        + "".join(f'<area FILEID="{use}{n}"/>' for use in uses)
        + "</par></fptr></div>"
        for n, kind in enumerate(kinds, 1)
    )


def draw(folder: Path, images: Sequence[str], texts: Sequence[str] = ()) -> None:
    """Draw pages, and write their ALTO."""
    for number, image in enumerate(images, 1):
        draw_page(folder / image, seed=number)
    for number, text in enumerate(texts, 1):
        path = folder / text
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(alto([Line(CAPTION)], "elsewhere/scan.tif", Issue(), number))


def enmap(folder: Path) -> None:
    """Europeana Newspapers: pages by their kind, viewing copies of the same names."""
    names = ["18210801_1-0001", "18210801_1-0002", "18210801_1-0003"]
    kinds = ("TITLE_PAGE", "CONTENT_PAGE", "BACK_PAGE")
    draw(folder, [f"OCRmaster/{n}.png" for n in names], [f"ALTO/{n}.xml" for n in names])
    for name in names:
        draw_page(folder / f"Viewing/{name}.png", scale=0.3)
    divs = page_divs(("IMG", "ALTO"), kinds)
    document = mets_of(
        'PROFILE="ENMAP" TYPE="Newspaper" LABEL="Le Courrier no.  01.08.1821"',
        '<metsHdr><agent ROLE="OTHER" OTHERROLE="OWNER"><name>A library</name></agent></metsHdr>',
        section(
            "PRINT",
            "<mods:titleInfo><mods:title>Le Courrier</mods:title></mods:titleInfo>"
            '<mods:identifier type="ENP">A_00001</mods:identifier>'
            "<mods:accessCondition>Snippets</mods:accessCondition>",
        ),
        section(
            "ISSUE1",
            "<mods:titleInfo><mods:title>Le Courrier</mods:title></mods:titleInfo><mods:language>"
            '<mods:languageTerm type="code">fr</mods:languageTerm></mods:language>'
            "<mods:originInfo><mods:dateIssued>01.08.1821</mods:dateIssued></mods:originInfo>",
        ),
        section("ARTICLE1", "<mods:titleInfo><mods:title>Paris</mods:title></mods:titleInfo>"),
        files(
            ("VIEW", "image/png", [f"file://./Viewing/{n}.png" for n in names]),
            ("IMG", "image/png", [f"file://./OCRmaster/{n}.png" for n in names]),
            ("ALTO", "text/xml", [f"file://./ALTO/{n}.xml" for n in names]),
        ),
        f'<structMap TYPE="PHYSICAL"><div TYPE="Newspaper" DMDID="PRINT">{divs}</div></structMap>',
        '<structMap TYPE="LOGICAL"><div TYPE="VOLUME" DMDID="PRINT"><div TYPE="ISSUE"'
        ' DMDID="ISSUE1"><div TYPE="ARTICLE" DMDID="ARTICLE1"><fptr><area FILEID="ALTO1"'
        ' BEGIN="P1_TB0"/></fptr></div><div TYPE="ILLUSTRATION"><div TYPE="CAPTION"><fptr><area'
        ' FILEID="ALTO2" BETYPE="IDREF" BEGIN="P2_TB0"/></fptr></div></div></div></div>'
        "</structMap>",
    )
    (folder / "18210801_1-METS.xml").write_text(document)


def spar(folder: Path) -> None:
    """The French national library: pages are objects of the physical map, captions in another."""
    names = ["0000001", "0000002"]
    draw(folder, [f"master/T{n}.png" for n in names], [f"ocr/X{n}.xml" for n in names])
    draw_page(folder / "colorProfile/4600000.png")
    objects = "".join(
        f'<div TYPE="object" ORDERLABEL="{label}" ORDER="{n}">{pointers(("master", "ocr"), n)}'
        "</div>"
        for n, label in enumerate(("NP", "2"), 1)
    )
    record = (
        "<spar_dc:spar_dc><dc:title>1910/11/16 (Numéro 1)</dc:title><dc:date>1910/11/16</dc:date>"
        '<dc:language xsi:type="dcterms:ISO639-3">fre</dc:language><dcterms:provenance>A library'
        '</dcterms:provenance><dc:relation xsi:type="spar_dc:ark">ark:/12148/cb32771891w'
        "</dc:relation></spar_dc:spar_dc>"
    )
    group = '<div TYPE="set"><div TYPE="group" DMDID="DMD.2">{}</div></div>'
    document = mets_of(
        "",
        section("DMD.2", record, "DC"),
        files(
            ("master", "image/png", [f"master/T{n}.png" for n in names]),
            ("colorProfile", "image/png", ["colorProfile/4600000.png"]),
            ("ocr", "text/xml", [f"ocr/X{n}.xml" for n in names]),
            ("toc", "text/xml", ["toc/T1.xml"]),
        ),
        f'<structMap TYPE="physical">{group.format(objects)}</structMap>',
        '<structMap TYPE="attachment"><div TYPE="object"><fptr FILEID="colorProfile1"/></div>'
        "</structMap>",
    )
    (folder / "manifest.xml").write_text(document)
    (folder / "toc").mkdir()
    (folder / "toc/T1.xml").write_text(
        mets_of(
            "",
            files(("ocr", "text/xml", [f"../ocr/X{n}.xml" for n in names])),
            '<structMap TYPE="logical"><div TYPE="ISSUE"><div TYPE="CAPTION"><fptr><area'
            ' FILEID="ocr2" BETYPE="IDREF" BEGIN="P2_TB0"/></fptr></div></div></structMap>',
        )
    )


def ndnp(folder: Path, day: str = "1935-08-02", *, numbers: Sequence[int] = (1, 2)) -> None:
    """An issue of an American batch: X.xml beside X_1.xml, a group a page, no title in MODS."""
    names = [f"{number:04d}" for number in numbers]
    draw(folder, [f"{n}.tif" for n in names], [f"{n}.xml" for n in names])
    for name in names:
        draw_page(folder / f"{name}.jpg", scale=0.5)
    groups = "".join(
        f'<fileGrp ID="pageFileGrp{n}">'
        + "".join(
            f'<file ID="{use}{n}" USE="{use}"><FLocat LOCTYPE="OTHER" OTHERLOCTYPE="file"'
            f' xlink:href="./{name}.{ending}"/></file>'
            for use, ending in (("master", "tif"), ("service", "jpg"), ("ocr", "xml"))
        )
        + "</fileGrp>"
        for n, name in enumerate(names, 1)
    )
    pages = "".join(
        section(
            f"page{n}",
            f'<mods:part><mods:extent unit="pages"><mods:start>{n}</mods:start></mods:extent>'
            '</mods:part><mods:relatedItem type="original"><mods:identifier type="reel number">'
            "0027</mods:identifier><mods:location><mods:physicalLocation authority='marcorg'"
            ' displayLabel="A university; A city, UT">uuml</mods:physicalLocation>'
            "</mods:location></mods:relatedItem>",
        )
        for n in range(1, len(names) + 1)
    )
    divs = "".join(
        f'<div TYPE="np:page" DMDID="page{n}">{pointers(("master", "service", "ocr"), n)}</div>'
        for n in range(1, len(names) + 1)
    )
    issue = section(
        "issue",
        '<mods:relatedItem type="host"><mods:identifier type="lccn">sn85058233</mods:identifier>'
        '<mods:part><mods:detail type="edition"><mods:number>1</mods:number><mods:caption>Main'
        " Edition</mods:caption></mods:detail></mods:part></mods:relatedItem><mods:originInfo>"
        f"<mods:dateIssued>{day}</mods:dateIssued></mods:originInfo>",
    )
    kind = "urn:library-of-congress:ndnp:mets:newspaper:issue"
    for version in ("", "_1"):
        document = mets_of(
            f'TYPE="{kind}" PROFILE="urn:library-of-congress:mets:profiles:ndnp:issue:v1.5"'
            f' LABEL="The Record (A City, UT), {day}, Main Edition"',
            issue,
            pages,
            f"<fileSec>{groups}</fileSec>",
            f'<structMap><div TYPE="np:issue" DMDID="issue">{divs}</div></structMap>',
        )
        (folder / f"{day.replace('-', '')}01{version}.xml").write_text(document)


def batch(folder: Path, *, missing: str = "1935-08-09") -> None:
    """A batch of the American newspaper program: a reel with its targets, and two issues below."""
    reel = folder / "sn85058233/0027"
    for day, numbers in (("1935-08-02", (1, 2)), ("1935-08-03", (3,))):
        ndnp(reel / f"{day.replace('-', '')}01", day, numbers=numbers)
    draw(reel, ["0000.tif"], ["0000.xml"])
    kind = "urn:library-of-congress:ndnp:mets:microfilmReel"
    for version in ("", "_1"):
        (reel / f"0027{version}.xml").write_text(
            mets_of(
                f'TYPE="{kind}" LABEL="0027"',
                "<amdSec><techMD><mdWrap><xmlData><ndnp:reelTechMD><ndnp:titles>The Record (A City,"
                " UT)</ndnp:titles></ndnp:reelTechMD></xmlData></mdWrap></techMD></amdSec>",
                files(("master", "image/tiff", ["./0000.tif"])),
                '<structMap><div TYPE="np:reel"><div TYPE="np:target"><fptr FILEID="master1"/>'
                "</div></div></structMap>",
            )
        )
    listed = "".join(
        f'<issue lccn="sn85058233" issueDate="{day}" editionOrder="01">sn85058233/0027/{name}/'
        f"{name}.xml</issue>"
        for day in ("1935-08-02", "1935-08-03", missing)
        if (name := f"{day.replace('-', '')}01")
    )
    (folder / "batch_1.xml").write_text(
        f'<batch xmlns="http://www.loc.gov/ndnp" name="batch_a">{listed}</batch>'
    )


def rero(folder: Path) -> None:
    """A Swiss network: METS that names neither the newspaper nor the day."""
    names = ["00001", "00002"]
    draw(folder, [f"MASTER/{n}.png" for n in names], [f"ALTO/{n}.xml" for n in names])
    divs = page_divs(("IMG", "TEXT"), ("PAGE", "PAGE"))
    document = mets_of(
        'PROFILE="urn:library-of-congress:mets:profiles:ndnp:issue:v1.5" LABEL="PLACEHOLDER"',
        files(
            ("IMG", "image/tif", [f"file://./MASTER/{n}.png" for n in names]),
            ("TEXT", "text/xml", [f"file://./ALTO/{n}.xml" for n in names]),
        ),
        f'<structMap TYPE="PHYSICAL"><div TYPE="Newspaper">{divs}</div></structMap>',
    )
    (folder / f"{folder.name}-METS.xml").write_text(document)


def docworks(folder: Path) -> None:
    """A docWorks package: an article before the title in one section alone, thumbnails, PDF."""
    names = ["1904-01-17_01-00001", "1904-01-17_01-00002"]
    draw(folder, [f"images/{n}.tif" for n in names], [f"text/{n}.xml" for n in names])
    for name in names:
        draw_page(folder / f"thumbnails/{name}.jpg", scale=0.1)
    divs = page_divs(("IMG", "THUMB", "TEXT"), ("PAGE", "PAGE"))
    title = "<mods:titleInfo>{}<mods:title>arme Teufel</mods:title></mods:titleInfo>"
    document = mets_of(
        'OBJID="https://library.example/ark:/70795/g198w4" LABEL="Der arme Teufel 1904-01-17_01"',
        section("COLLECTION", f"{title.format('')}<mods:identifier>armeteufel</mods:identifier>"),
        section(
            "PRINT",
            f"{title.format('<mods:nonSort>Der</mods:nonSort>')}<mods:originInfo>"
            '<mods:dateIssued point="start" keyDate="yes">'
            "1904-01-17</mods:dateIssued></mods:originInfo>"
            '<mods:accessCondition xlink:href="https://rightsstatements.org/vocab/NoC-NC/1.0/">'
            "Not for sale</mods:accessCondition>",
        ),
        files(
            ("IMG", "image/tiff", [f"file://./images/{n}.tif" for n in names]),
            ("THUMB", "image/jpeg", [f"file://./thumbnails/{n}.jpg" for n in names]),
            ("TEXT", "text/xml", [f"file://./text/{n}.xml" for n in names]),
        ),
        '<structMap TYPE="PHYSICAL"><div TYPE="Newspaper" DMDID="COLLECTION PRINT">'
        f"{divs}</div></structMap>",
    )
    (folder / "1497608_newspaper-mets.xml").write_text(document)


def flat(folder: Path) -> None:
    """The British Library: everything in one folder, areas of a page as divisions in it."""
    names = ["0002244_18550922_0001", "0002244_18550922_0002"]
    draw(folder, [f"{n}.jpg" for n in names], [f"{n}.xml" for n in names])
    divs = "".join(
        f'<div ORDER="{n}" ORDERLABEL="{n}" TYPE="page">{pointers(("MASTER", "ALTO"), n)}'
        f'<div TYPE="pagearea"><fptr><area FILEID="MASTER{n}" SHAPE="RECT" COORDS="1,1,9,9"/>'
        f'</fptr><fptr><area FILEID="ALTO{n}" BETYPE="IDREF" BEGIN="P{n}_TB0"/></fptr></div></div>'
        for n in (1, 2)
    )
    document = mets_of(
        'TYPE="Newspaper"',
        section(
            "ISSUE",
            '<mods:identifier type="NLP">0002244-00000</mods:identifier><mods:relatedItem'
            ' type="host"><mods:identifier type="NLP">0002244</mods:identifier>'
            '</mods:relatedItem><mods:relatedItem type="original"><mods:location>'
            '<mods:physicalLocation authority="marcorg">Uk</mods:physicalLocation>'
            "<mods:physicalLocation>A library</mods:physicalLocation></mods:location>"
            "</mods:relatedItem><mods:titleInfo><mods:title>Coloured News</mods:title>"
            "</mods:titleInfo><mods:originInfo><mods:dateIssued>1855-09-22</mods:dateIssued>"
            "</mods:originInfo>",
        ),
        "<fileSec><fileGrp USE='Digital'>"
        + _group("MASTER", "image/jp2", [f"{n}.jpg" for n in names])
        + _group("ALTO", "text/xml", [f"{n}.xml" for n in names])
        + "</fileGrp></fileSec>",
        '<structMap TYPE="LOGICAL"><div TYPE="ISSUE" DMDID="ISSUE"/></structMap><structMap'
        f' TYPE="PHYSICAL"><div TYPE="physSequence" DMDID="ISSUE">{divs}</div></structMap>',
    )
    (folder / "0002244_18550922_mets.xml").write_text(document)


def dfg(folder: Path) -> None:
    """A German library: a chain of year, month and day, the whole issue as PDF, rights apart."""
    names = ["00000001", "00000002"]
    draw(folder, [f"max/{n}.jpg" for n in names], [f"fulltext/{n}.xml" for n in names])
    divs = "".join(
        f'<div ORDER="{n}" ORDERLABEL="[{n}]" TYPE="page">{pointers(("MAX", "FULLTEXT"), n)}</div>'
        for n in (1, 2)
    )
    document = mets_of(
        'xmlns:dv="http://dfg-viewer.de/"',
        section(
            "ISSUE",
            '<mods:identifier type="urn">urn:nbn:de:gbv:3:1-1</mods:identifier><mods:relatedItem'
            ' type="host"><mods:titleInfo><mods:nonSort>Die</mods:nonSort><mods:title>Abendpost'
            '</mods:title></mods:titleInfo><mods:identifier type="zdb">12345-6</mods:identifier>'
            "</mods:relatedItem>",
        ),
        '<amdSec><rightsMD ID="R"><mdWrap MDTYPE="OTHER"><xmlData><dv:rights><dv:owner>A city'
        " library</dv:owner><dv:license>https://creativecommons.org/publicdomain/mark/1.0/"
        '</dv:license></dv:rights></xmlData></mdWrap></rightsMD><digiprovMD ID="D"><mdWrap'
        ' MDTYPE="OTHER"><xmlData><dv:links><dv:presentation>https://library.example/show/1'
        "</dv:presentation></dv:links></xmlData></mdWrap></digiprovMD></amdSec>",
        files(
            ("MAX", "image/jpeg", [f"https://library.example/max/{n}.jpg" for n in names]),
            ("DOWNLOAD", "application/pdf", ["https://library.example/whole.pdf"]),
            ("FULLTEXT", "text/xml", [f"https://library.example/fulltext/{n}.xml" for n in names]),
        ),
        '<structMap TYPE="LOGICAL"><div TYPE="newspaper"><mptr LOCTYPE="URL" xlink:href="a.xml"/>'
        '<div TYPE="year" ORDERLABEL="1850"><div TYPE="month" ORDERLABEL="1850-01"><div TYPE="day"'
        ' ORDERLABEL="1850-01-02"><div TYPE="issue" DMDID="ISSUE"/></div></div></div></div>'
        '</structMap><structMap TYPE="PHYSICAL"><div TYPE="physSequence">'
        f'<fptr FILEID="DOWNLOAD1"/>{divs}</div></structMap>',
    )
    (folder / "meta.xml").write_text(document)
    anchor = '<structMap TYPE="LOGICAL"><div TYPE="newspaper"><div TYPE="year"><mptr/></div></div>'
    (folder / "meta_anchor.xml").write_text(mets_of("", f"{anchor}</structMap>"))


def ndk(folder: Path) -> None:
    """A Czech library: two groups of one use, numbers of the newspaper in a section of its own."""
    names = ["0001", "0002"]
    draw(folder, [f"masterCopy/mc_{n}.png" for n in names], [f"ALTO/alto_{n}.xml" for n in names])
    for name in names:
        draw_page(folder / f"userCopy/uc_{name}.png", scale=0.3)
    groups = "".join(
        _group(use, "image/png", hrefs).replace(f'USE="{use}"', f'ID="{use}" USE="Images"')
        for use, hrefs in (
            ("UC", [f"userCopy/uc_{n}.png" for n in names]),
            ("MC", [f"masterCopy/mc_{n}.png" for n in names]),
        )
    ) + _group("ALTO", "text/xml", [f"ALTO/alto_{n}.xml" for n in names])
    divs = "".join(
        f'<div ORDER="{n}" TYPE="normalPage">{pointers(("UC", "MC", "ALTO"), n)}</div>'
        for n in (1, 2)
    )
    document = mets_of(
        'TYPE="Periodical" LABEL="Lidové noviny, 02.08.1935"',
        section(
            "TITLE",
            '<mods:identifier type="issn">1802-6265</mods:identifier><mods:originInfo>'
            "<mods:dateIssued>1893-1945</mods:dateIssued></mods:originInfo>",
        ),
        section(
            "ISSUE",
            '<mods:part type="Odpolední vydání"/><mods:language objectPart="summary">'
            '<mods:languageTerm type="code">fre</mods:languageTerm></mods:language>'
            '<mods:identifier type="uuid">a1</mods:identifier><mods:originInfo><mods:dateIssued>'
            "02.08.1935</mods:dateIssued></mods:originInfo><mods:language><mods:languageTerm"
            ' type="code">cze</mods:languageTerm></mods:language><mods:location>'
            "<mods:physicalLocation>ABA001</mods:physicalLocation></mods:location>",
        ),
        f"<fileSec>{groups}</fileSec>",
        '<structMap TYPE="LOGICAL"><div TYPE="PERIODICAL_TITLE" LABEL="Lidové noviny"'
        ' DMDID="TITLE"><div TYPE="PERIODICAL_VOLUME"><div TYPE="ISSUE" DMDID="ISSUE"/></div></div>'
        f'</structMap><structMap TYPE="PHYSICAL"><div TYPE="PERIODICAL">{divs}</div></structMap>',
    )
    (folder / "METS_a1.xml").write_text(document)


def didl(folder: Path) -> None:
    """The Dutch national library: items with files by name, captions by the kind of an article."""
    names = ["DDD_1_001", "DDD_1_002"]
    draw(folder, [f"{n}_access.jpg" for n in names], [f"{n}_alto.xml" for n in names])

    def component(role: str, resource: str) -> str:
        said = f"<didl:Descriptor><didl:Statement>{role}</didl:Statement></didl:Descriptor>"
        return f"<didl:Component>{said}{resource}</didl:Component>"

    def file(role: str, mime: str, name: str) -> str:
        return component(
            role,
            f'<didl:Resource dcx:filename="{name}" mimeType="{mime}" ref="http://resolver.example/'
            f'resolve?urn=ddd:1:mpeg21:{role}"/>',
        )

    pages = "".join(
        f"<didl:Item><didl:Descriptor><didl:Statement>page {n}</didl:Statement></didl:Descriptor>"
        + component("image/preservation", f'<didl:Resource mimeType="image/jp2" ref="{name}.jp2"/>')
        + file("image", "image/jpeg", f"{name}_access.jpg")
        + file("alto", "text/xml", f"{name}_alto.xml")
        + "</didl:Item>"
        for n, name in enumerate(names, 1)
    )
    record = (
        "<srw_dc:dcx><dc:title>Courante uyt Italien, Duytslandt, &amp;c.</dc:title><dc:identifier"
        ' xsi:type="dcx:PPN">830620397</dc:identifier><dc:date>1618-06-14</dc:date>'
        "<dcterms:temporal>Avond</dcterms:temporal><dcx:recordRights>A library</dcx:recordRights>"
        "<dcx:recordIdentifier>ddd:1:mpeg21</dcx:recordIdentifier><dc:identifier>"
        "http://resolver.example/resolve?urn=ddd:1:mpeg21</dc:identifier>"
        "<dc:language>nl</dc:language></srw_dc:dcx>"
    )
    article = (
        "<didl:Item>"
        + component(
            "metadata",
            "<didl:Resource><srw_dc:dcx><dc:subject>illustratie met onderschrift</dc:subject>"
            "</srw_dc:dcx></didl:Resource>",
        )
        + component(
            "metadata/zoning",
            '<didl:Resource><dcx:zoning><dcx:blocks alto="DDD_1_002_alto.xml"><dcx:TextBlock'
            ' ID="P2_TB0"/></dcx:blocks></dcx:zoning></didl:Resource>',
        )
        + "</didl:Item>"
    )
    (folder / "didl.xml").write_text(
        '<didl:DIDL xmlns:didl="urn:mpeg:mpeg21:2002:02-DIDL-NS" xmlns:xsi="http://www.w3.org/2001/'
        'XMLSchema-instance" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://'
        'purl.org/dc/terms/" xmlns:dcx="http://krait.kb.nl/coop/tel/handbook/telterms.html"'
        ' xmlns:srw_dc="info:srw/schema/1/dc-v1.1"><didl:Item>'
        + component("metadata", f'<didl:Resource mimeType="text/xml">{record}</didl:Resource>')
        + file("pdf", "application/pdf", "DDD_1.pdf")
        + f"{pages}{article}</didl:Item></didl:DIDL>"
    )


def hocr(folder: Path) -> None:
    """What readers of print write as HTML: a file a page, its caption a line of its own kind."""
    for number in (1, 2):
        draw_page(folder / f"{number:04d}.png", seed=number)
        x0, y0, x1, y1 = Line("").box
        words = "".join(
            f"<span class='ocrx_word' title='bbox {x0} {y0} {x1} {y1}; x_wconf 90'>{word}</span> "
            for word in CAPTION.split()
        )
        (folder / f"{number:04d}.hocr").write_text(
            '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/'
            'xhtml1/DTD/xhtml1-transitional.dtd"><html xmlns="http://www.w3.org/1999/xhtml"><body>'
            f"<div class='ocr_page' title='image \"{number:04d}.png\"; bbox 0 0 {WIDTH} {HEIGHT};"
            f" ppageno 0'><div class='ocr_carea' id='block_1'><p class='ocr_par'><span"
            f" class='ocr_caption' title='bbox {x0} {y0} {x1} {y1}'>{words}</span></p></div></div>"
            "</body></html>"
        )


FAMILIES: dict[str, Callable[[Path], None]] = {
    "ENMAP": enmap,
    "SPAR": spar,
    "NDNP": ndnp,
    "docWorks": docworks,
    "flat": flat,
    "DFG": dfg,
    "NDK": ndk,
    "DIDL": didl,
}
"""The families whose description says the day, by their names."""
