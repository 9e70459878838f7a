"""The `ygs` command."""
