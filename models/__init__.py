"""What looks at pixels, and what was learned. No database, web, clock or network."""
