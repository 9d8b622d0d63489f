"""Devices (one person's enrolment in one browser profile) and the server's own keys, which are files."""
