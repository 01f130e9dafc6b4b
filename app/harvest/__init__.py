"""Fetches editions from libraries, politely: for the command line alone, never for the server."""
