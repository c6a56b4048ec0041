"""`python -m core.training.devices`: where the time of an epoch goes on this machine."""

import sys

from core.command_line.devices import main

if __name__ == "__main__":
    sys.exit(main())
