"""Rule packs of programs: which is in force when, how one is installed or withdrawn, and the server's own evaluation."""
