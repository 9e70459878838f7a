"""Notifications: events of the outbox become notices in people's lists and messages to other systems."""
