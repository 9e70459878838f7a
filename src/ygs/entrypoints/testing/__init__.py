"""What people who embed or extend ygs build their tests from."""
