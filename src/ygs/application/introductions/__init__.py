"""What members see of their introductions and what they answer."""
