"""Ingests editions: uploads, the inbox, and the pages in files."""
