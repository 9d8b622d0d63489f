"""Push and pull: where phones meet the log and the pages."""
