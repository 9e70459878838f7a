"""Solvers of a round: `plain` walks the specification, `exact` is the same in compiled arrays for whole cities."""
