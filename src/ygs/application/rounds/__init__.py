"""Match weeks: locking, planning, publishing, and the round itself."""
