"""A generator of sample editions: pages in the manner of a party daily, with exact truth."""
