"""Learning from the answers of closed weeks: the history, the model, and how it is judged."""
