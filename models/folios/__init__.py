"""Reads a page's folio: the day, the page number and the newspaper that are printed on it."""
