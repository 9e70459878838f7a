"""Tests that touch no file and no socket."""
