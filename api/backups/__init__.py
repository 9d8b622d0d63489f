"""Copies of the database that are proved before anybody relies on them, and putting one back.

manifest     what stands beside a copy: which database, how far it goes, how large it is, its SHA-256
embedded     the embedded database: copying it, unpacking a copy, taking its place
postgresql   the same for PostgreSQL, with pg_dump and pg_restore
proof        whether an unpacked copy is whole: log, head, audit, every sealed value, every state
service      `backup` and `verify`, and the record by which phones may forget
restoring    `restore`: what has to be so before a copy may take the database's place
hourly       a copy at every interval, beside the requests of a server
"""
