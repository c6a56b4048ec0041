"""The command line: what is asked for, the runs, the sweep, how far they are, and how they are printed."""
