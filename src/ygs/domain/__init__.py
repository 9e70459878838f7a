"""The trade itself: entities, rules, scoring, pairing. Standard library only, no I/O, no clock."""
