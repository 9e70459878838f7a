"""An introduction service as a library: members, advisers, and a weekly round that decides who meets whom."""
