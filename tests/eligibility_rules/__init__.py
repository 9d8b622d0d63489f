"""The shared vectors, the loader's refusals, the shipped packs, and both evaluators side by side."""
