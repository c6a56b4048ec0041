"""One run over several processes, each with its part of the points: `torchrun -m core -- …`."""
