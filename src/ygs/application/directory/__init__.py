"""The directory of members: search, filters, lists, and who is in charge of whom."""
