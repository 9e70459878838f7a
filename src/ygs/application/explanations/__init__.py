"""Why a pair, why not, why no match, and what would help."""
