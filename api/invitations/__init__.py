"""Letting a named person in: an account's first passphrase, another phone, a way back. Short-lived, once, hashed."""
