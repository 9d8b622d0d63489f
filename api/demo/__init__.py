"""The demo: invented people and referrals, written through the same doors as real ones. Only ever loaded in demo mode."""
