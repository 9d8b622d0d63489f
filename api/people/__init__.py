"""The accounts of a program, for whoever looks after them: roles, closing, opening again, unlocking. Never any content."""
