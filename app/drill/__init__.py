"""Tries the promises of reliability on a copy of a user's own archive: ``presslens drill``."""
