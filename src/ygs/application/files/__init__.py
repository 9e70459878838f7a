"""Uploads, photos and documents."""
