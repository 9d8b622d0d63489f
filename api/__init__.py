"""The server: the only place with a database, a network and a clock."""
