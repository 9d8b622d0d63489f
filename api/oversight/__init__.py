"""Who did what and who looked at whom: for supervisors and administrators to read, and for an operator to verify."""
