"""Members read from a spreadsheet, with a verdict per row."""
