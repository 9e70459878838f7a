"""What the operator runs: invariant checks and the purge."""
