"""Keeps scans and views of pages, in a folder or in a bucket; which one, only this room knows."""
