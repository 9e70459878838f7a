"""Fits of the chance model."""
