"""Labels beyond the subjects: ten that come with the project, and those that a researcher adds."""
