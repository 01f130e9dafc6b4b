"""The night: takes in what is new, does all work that waits, and reports it in the morning."""
