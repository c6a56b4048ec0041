"""The mistakes of a first PyTorch course, run for real."""
