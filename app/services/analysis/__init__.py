"""Does the work that waits: leases, jobs, and the storing of their results."""
