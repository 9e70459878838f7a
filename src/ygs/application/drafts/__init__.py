"""Drafts for staff by a language model: machine-made, marked as such, and never sent or stored as facts by
themselves."""
