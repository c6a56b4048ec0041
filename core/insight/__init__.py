"""What happens within one epoch: its tensors, and the autograd graph with the values in it."""
