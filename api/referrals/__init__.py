"""Reads for screens that the feed does not carry: a referral's history, and what is wrong in the queue right now."""
