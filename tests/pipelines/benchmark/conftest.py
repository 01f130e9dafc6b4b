"""A small benchmark whose truth is written by hand."""

import json

import pytest

FIRST, SECOND = [10, 10, 100, 80], [150, 10, 60, 60]
ENGRAVING = [10, 200, 110, 300]
"""Two photos as COCO has them, and a distractor (x0, y0, x1, y1), on each page."""


def mark(image, category, box, number, *, crowd=0):
    return {"id": number, "image_id": image, "category_id": category, "bbox": box, "iscrowd": crowd}


@pytest.fixture
def benchmark_folder(tmp_path):
    """Two pages of one edition and three photos, in two conditions.

    Ids are those of the clean condition plus 1000: pages 1001 and 1002, photos 1003 to 1005.
    """
    folder = tmp_path / "benchmark"
    folder.mkdir()
    images, marks = [], []
    for place, condition in enumerate(("clean", "phone"), start=1):
        for number in range(1, 6):
            id_, kind = 1000 * place + number, "page" if number < 3 else "photo"
            sheet = f"{kind}-{number:03d}"
            file = f"{condition}/{sheet}.jpg"
            images.append(
                {
                    "id": id_,
                    "file_name": file,
                    "condition": condition,
                    "sheet": sheet,
                    "kind": kind,
                    "width": 400,
                    "height": 300,
                    "people": number == 3,
                }
            )
            if kind == "page":
                marks += [
                    mark(id_, 1, box, len(marks) + n) for n, box in enumerate((FIRST, SECOND))
                ]
            elif number == 3:
                marks.append(mark(id_, 2, [5, 5, 20, 60], len(marks)))
                marks.append(mark(id_, 2, [40, 5, 20, 60], len(marks), crowd=1))
    distractors = [{"kind": "engraving", "box": ENGRAVING}]
    of_page = {"clean": distractors, "phone": distractors}
    pages = [
        {"sheet": f"page-{n:03d}", "edition": "1-ordinary", "photos": [], "distractors": of_page}
        for n in (1, 2)
    ]
    shown = {3: (True, False), 4: (True, True), 5: (False, False)}
    photos = [
        {
            "sheet": f"photo-{n:03d}",
            "subjects": {
                "people": {"present": people, "count": 1},
                "crowd": {"present": crowd},
                "children": {"present": False},
            },
        }
        for n, (people, crowd) in shown.items()
    ]
    instances = {"images": images, "annotations": marks}
    truth = {"benchmark": "1", "conditions": ["clean", "phone"], "pages": pages, "photos": photos}
    (folder / "instances.json").write_text(json.dumps(instances))
    (folder / "truth.json").write_text(json.dumps(truth))
    return folder


@pytest.fixture
def perfect(tmp_path):
    """A file of predictions that are all right, with its subjects beside it."""
    results, lines = [], ["image_id,people,crowd,children"]
    for base in (1000, 2000):
        for page in (1, 2):
            results += [found(base + page, box) for box in (FIRST, SECOND)]
        results.append(found(base + 3, [5, 5, 20, 60], category=2))
        lines += [f"{base + 3},0.9,0.1,0", f"{base + 4},0.8,0.7,0", f"{base + 5},0.2,0,0.1"]
    file = tmp_path / "system.json"
    file.write_text(json.dumps(results))
    file.with_suffix(".csv").write_text("\n".join(lines) + "\n")
    return file


def found(image, box, score=0.9, *, category=1):
    return {"image_id": image, "category_id": category, "bbox": box, "score": score}
