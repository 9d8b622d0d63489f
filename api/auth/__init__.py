"""Sessions, guards and the walls around every request. What accounts and devices are is left to their own rooms."""
