"""The readable specification of who suits whom; adapters make it fast."""
