"""Learning from the answers of closed weeks: fits, their evaluation, and which one is in use."""
