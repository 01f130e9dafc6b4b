"""The headings of a composition's numbers, in the order of tables."""

COUNTS = {
    "pages": "pages",
    "photos": "photos",
    "photos_per_page": "photos a page",
    "photo_area_share": "share of page area",
    "full_page_photo_pages": "full-page photo pages",
}

SHARES = {
    "people": "people",
    "crowd": "crowd",
    "children": "children",
    "fireworks": "fireworks",
    "buildings": "buildings",
    "leader": "leader seen",
    "focus_leader": "focus on the leader",
    "focus_facility": "focus on the facility",
}
