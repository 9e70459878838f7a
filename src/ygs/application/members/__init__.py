"""A member's own profile, review by staff, blocks, and data export."""
