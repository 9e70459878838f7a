"""Where the bytes of photos and documents lie."""
