"""Keeps an archive: backups, their restoration, and the check of what is stored."""
