"""Accounts: sign-up, sign-in, sessions, passwords, linked identities, roles."""
