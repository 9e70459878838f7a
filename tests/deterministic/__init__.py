"""Deterministic simulation testing: the whole application in one thread, under a seed.

A seed chooses the interleaving of all tasks, the virtual time, which port calls fail, and what everybody does. The
invariants are checked after every commit. The same seed runs the same steps again.
"""
