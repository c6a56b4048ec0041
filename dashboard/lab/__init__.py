"""The lab: its controls, and what can be taken away."""
