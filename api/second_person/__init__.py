"""Acts that nobody does alone: one person asks, another one approves or declines. What is done then is the asking room's."""
