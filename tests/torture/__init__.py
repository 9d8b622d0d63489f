"""Servers killed between two instructions, again and again: proof that no page is lost. `make torture` runs it at length."""
