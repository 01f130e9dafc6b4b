"""Statistics over editions: groups, periods, baselines, changes, comparisons."""
