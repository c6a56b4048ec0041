"""A run to take along: as a plain program, and as a notebook."""
