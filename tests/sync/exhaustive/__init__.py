"""Small worlds, all of them: two phones, one referral, one server, and every interleaving of a few moves.

The server's rules are the real code (`sync.reconcile`, `sync.fold`, `sync.refolding`, `sync.views`); the phone's are those of
`docs/protocol.md`, written down once more in `phones`. Equal worlds are met once. From every world a fair network leads to rest,
and there, as in every log on the way, `invariants` must hold. `mutants` breaks one rule at a time: each must be found out.

`simulation` draws at random from far larger worlds with the phone's own code; here nothing small is left out.
"""
