"""The work: leases, interpreting, summarising, and what is written down of a page."""
