"""Reports of a member by a member, and staff's notes."""
