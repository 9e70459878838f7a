"""The ports: interfaces of everything outside that the use cases need, in their own words."""
