"""A pack in words: conditions as sentences, the table in a terminal, the page that is printed and signed."""
