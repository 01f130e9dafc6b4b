"""What others can take away: tidy tables, COCO, IIIF, and a snapshot to cite."""
