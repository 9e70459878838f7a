"""Other people's words for who somebody is."""
