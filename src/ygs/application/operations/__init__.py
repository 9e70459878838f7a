"""What the operator runs: invariant checks, the purge and readiness."""
