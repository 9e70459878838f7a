"""What the use cases ask of the outside, in their own words."""
