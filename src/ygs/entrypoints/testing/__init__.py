"""What people who build on ygs test with: a clock that stands still, ids that count, believable people, and contracts.

::

    from ygs.entrypoints.testing.builders import a_user, a_week, an_introduction
    from ygs.entrypoints.testing.clock import FrozenClock
    from ygs.entrypoints.testing.ids import CountingIds

`ygs.entrypoints.testing.contracts` proves that an adapter of your own keeps a port's promises.
"""
