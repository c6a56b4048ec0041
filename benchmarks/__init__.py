"""Measures the numbers that the lab promises, each beside what it is compared with: `python -m benchmarks`."""
