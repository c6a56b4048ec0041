"""The course: its overview and its chapters."""
