"""How a scan becomes rows, and rows become statistics. No database, no web."""
