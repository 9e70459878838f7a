"""Memberships: what was promised, what was delivered, and what is paid back when one ends early."""
