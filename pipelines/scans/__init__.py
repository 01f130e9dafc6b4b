"""From the bytes of a scan to pixels, in a sandbox."""
