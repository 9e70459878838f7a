"""Consultations: members book consultants' slots, and consultants keep their calendar."""
