"""Made-up members, how they behave, and weeks played with them."""
