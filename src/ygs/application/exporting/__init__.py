"""Members written to a spreadsheet."""
