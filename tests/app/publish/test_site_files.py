"""The addresses of a publication: of each page of the server its file, or none."""

import pytest

from presslens.app.publish.site_files import SiteFiles

FILES = SiteFiles(
    {
        "editions": frozenset({1}),
        "pages": frozenset({2}),
        "photos": frozenset({3}),
        "claims": frozenset({4}),
    },
    newspapers={"Rodong Sinmun": 7},
    main="Rodong Sinmun",
    metrics={"photos": "photos", "children": "children"},
    figures={5: "A & B"},
    pictures=True,
)


@pytest.mark.parametrize(
    ("address", "english", "korean"),
    [
        ("/", "../index.html", "../index.html"),
        ("/photos/3", "../photos/3.html", "../photos/3.html"),
        ("/photos/3?page=2#focus", "../photos/3.html#focus", "../photos/3.html#focus"),
        ("/photos/3.json", "../photos/3.json", "../../photos/3.json"),
        ("/photos/99", None, None),
        ("/timeline", "../timelines/7.html", "../timelines/7.html"),
        (
            "/timeline?publication=Rodong+Sinmun&metric=children&by=month",
            "../timelines/7-children.html",
            "../timelines/7-children.html",
        ),
        ("/timeline?publication=Minju+Joson", None, None),
        ("/timeline.svg?metric=children", "../charts/7-children.en.svg",
         "../../charts/7-children.ko.svg"),
        ("/gallery?subject=children&view=page", "../gallery.html?subject=children",
         "../gallery.html?subject=children"),
        ("/gallery?like=3", None, None),
        ("/gallery?edition=1&alone=true", None, None),
        ("/figures/5", "../gallery.html?figure=A+%26+B", "../gallery.html?figure=A+%26+B"),
        ("/figures/6", None, None),
        ("/api/v1/pages/2/image?width=640", "../pictures/pages/2-1000.jpg",
         "../../pictures/pages/2-1000.jpg"),
        ("/api/v1/photos/3/image", "../pictures/photos/3-640.jpg",
         "../../pictures/photos/3-640.jpg"),
        ("/api/v1/photos/3/figures/5/image?width=160", None, None),
        ("/api/v1/editions/1/manifest.json", None, None),
        ("/static/0123456789ab/css/base.css", "../static/css/base.css",
         "../../static/css/base.css"),
        ("/review", None, None),
        ("/login", None, None),
    ],
)  # fmt: skip
def test_an_address_is_a_file_or_there_is_none(address, english, korean):
    assert FILES.link(address, "en", "pages/2.html") == english
    assert FILES.link(address, "ko", "ko/pages/2.html") == korean


def test_a_page_keeps_no_form_and_no_way_to_what_is_not_there():
    page = """<form action="/preferences" method="post"><button>한국어</button></form>
<link rel="alternate" href="/review.json"><a href="/photos/3" data-answer="/api/v1/x">photo</a>
<a href="/edits">changes</a><a rel="next" href="/photos/99">after</a>
<a href="/photos/3"><img src="/api/v1/photos/99/image" alt="a crowd"></a>
<img src="/api/v1/photos/99/image" alt=""><img src="/api/v1/photos/3/image" srcset="/a 320w">"""
    made = FILES.page(page, "en", "pages/2.html")
    assert [line for line in made.splitlines() if line] == [
        '<a href="../photos/3.html">photo</a>',
        "changes",
        '<a href="../photos/3.html"><span>a crowd</span></a>',
        '<img src="../pictures/photos/3-640.jpg" >',
    ]
