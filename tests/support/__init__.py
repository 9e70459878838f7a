"""Test servers and fixtures that the suite needs and the wheel does not ship."""
