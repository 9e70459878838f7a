"""Uploads, photos and documents, and the cleanup of their files."""
