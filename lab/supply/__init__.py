"""What the program depends on: its lock, licences, known advisories and bill of materials."""
