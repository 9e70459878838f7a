"""Members' reports of other members, and staff's notes on members."""
