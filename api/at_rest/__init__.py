"""What is kept unreadable in the database, and the keys for it. Above it, every room reads and writes clear values.

    seal(session, place, row_id, plain)      place names the column ("quarantine.detail"), row_id the one row, with its program
    unseal(session, place, row_id, sealed)   where the program is known. What was moved to another place does not open.

Columns declared with a type of `api.tables.columns.Sealed` seal and open themselves when read and written as objects (see
`columns`); statements in bulk call `seal` and `unseal`, and the type refuses what they forgot.
"""

from api.at_rest import columns
from api.at_rest.cipher import keyed, seal, unseal
from api.at_rest.service import opened

__all__ = ["columns", "keyed", "opened", "seal", "unseal"]
