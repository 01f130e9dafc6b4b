"""Publishes an archive as a site of files, from the pages that the server answers."""
