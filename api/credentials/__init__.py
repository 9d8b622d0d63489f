"""How people prove who they are: passkeys, one-time codes, passphrases, a proof renewed. Opening a session is `accounts`'."""
