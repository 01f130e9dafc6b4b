"""Questions: drafts of claims that are drawn for, looked at on a schedule, and decided."""
