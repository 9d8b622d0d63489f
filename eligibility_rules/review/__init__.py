"""Looking a pack over before anybody signs it: what can never matter, its cases, what a change does and for whom."""
