"""A club that does not exist: its members, how they would answer each other, and many weeks of it at once."""
