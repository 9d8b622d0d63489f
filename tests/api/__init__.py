"""Tests of the server: real databases, a fixed clock, a fixed cast, and phones without a screen."""
