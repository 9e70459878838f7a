"""One technology each, behind a port; none knows another."""
