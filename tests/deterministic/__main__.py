"""Replay one seed, or search many: ``python -m tests.deterministic 17`` or ``... 0 10000``."""

import sys
import time

from tests.deterministic.simulation import simulate


def main() -> int:
    """Print every step of one seed, or every violation of a range of seeds."""
    first, *rest = (int(each) for each in sys.argv[1:])
    seeds = range(first, rest[0]) if rest else [first]
    found = 0
    for seed in seeds:
        run = simulate(seed)
        if not rest:
            sys.stdout.write("".join(f"{step}\n" for step in run.steps))
        if run.violations:
            found += 1
            sys.stdout.write(f"{run}\n")
    sys.stdout.write(f"{len(seeds)} seeds, {found} with a violation, {time.process_time():.1f} s\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
