"""Programs, agencies, people and their roles; signing in and out; what a phone must know of its program."""
