"""How often a process looks for garbage."""

import gc

# Made and not yet gone, before the collector looks at the new ones; a request makes some hundreds. Of Python's own 700
# a page of rows has more, and publishing a week would spend a third of its time looking.
NEW_OBJECTS = 20_000


def look_less_often() -> None:
    """Let the garbage collector look less often, in a process that runs one command."""
    gc.set_threshold(NEW_OBJECTS)


def spare_what_is_here() -> None:
    """Let the garbage collector leave alone what a service is made of, and look less often: it would walk hundreds of
    thousands of objects that stay, again and again, while somebody waits."""
    gc.collect()
    gc.freeze()
    look_less_often()
