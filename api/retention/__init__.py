"""How long referrals are kept, how everything of one is erased, by whom, what forbids it, and that no restore undoes it."""
