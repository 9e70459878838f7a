"""Where the bytes of photos and papers lie."""
