"""The one write path: append to the log, fold, project, feed. Above it, exchange and paging decide what to write."""
