"""The tests of ygs."""
