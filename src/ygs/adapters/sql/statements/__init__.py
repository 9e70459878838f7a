"""How statements are made and run: transactions, errors, bulk writes, encryption of columns."""
