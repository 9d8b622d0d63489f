"""Break-glass: an administrator, who reads nothing, may look at one referral for an hour; with a reason and a supervisor."""
