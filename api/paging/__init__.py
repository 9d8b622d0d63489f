"""Pages: a demand for a coordinator's attention, until a person answers. Never silence."""
