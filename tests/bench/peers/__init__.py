"""Side by side with other sync servers: the same records, the same clients, on this machine, in one run."""
