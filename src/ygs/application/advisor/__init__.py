"""The advisor: a language model reads between the lines, within bounds, and only about people who consented."""
