"""Everything with a socket, a table, a file store or a clock."""
