"""Labels of photos beyond the subjects, and how researchers add their own."""
