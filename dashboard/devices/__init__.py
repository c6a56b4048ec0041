"""Where the time of an epoch goes on this server's machine, measured when somebody asks."""
