"""Who did what to accounts, devices and access: one append-only row each, in the transaction of the act itself."""
