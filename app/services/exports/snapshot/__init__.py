"""Snapshots: a whole archive in one file, to cite and to import again."""
