"""Whole worlds under a seed: the real server, the phones' real code, and a network, clocks and accidents that a schedule decides.

schedule    what happens, drawn from a seed: a list of moves that means something however many of them are left out
host        the Node process in which all phones of a world live (`pwa/simulation`)
server      the application on its database, in this process: asked, killed, copied, restored
world       moves carried out: people, phones, messages in flight
oracle      what truly happened, kept apart from what either side believes
invariants  the thirteen things that must hold (named as in the design), after every step; `sight`, `overwriting`: two of them
rest        coming to rest, and what must hold then
shrinking   the shortest schedule that still fails
plants      bugs put in on purpose: a check that never fails proves nothing
runner      many schedules, one after another
"""
