"""Statements: transactions, errors, bulk writes, encryption of columns."""
