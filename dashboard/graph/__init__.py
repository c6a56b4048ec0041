"""The autograd graph with the stage to itself."""
