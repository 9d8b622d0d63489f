"""What a restore must not undo, kept outside the database: expunged referrals and revoked devices.

`ledger.log` grows by a line a time, on the disk before the database commits. Whoever starts on a restored database finds
there what has to happen again. A line holds no id, only its mark: HMAC-SHA256 under `ledger.key`, which lies beside the other
keys. The database remembers the marks too (`ledger_mark`), so that an operation that waited on a phone is recognised when
it arrives, even if the restored database has never heard of its referral.
"""
