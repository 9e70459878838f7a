"""`python -m benchmarks [NAME ...]`: run the named benchmarks, or all of them, one after the other.

Each in a process of its own, so that none finds caches warm or memory full from the one before.
"""

import pkgutil
import subprocess
import sys
from pathlib import Path


def main(names: list[str]) -> int:
    known = [module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)]) if module.name[0] != "_"]
    if unknown := set(names) - set(known):
        print(f"No benchmark called {', '.join(sorted(unknown))}; there are: {', '.join(known) or 'none yet'}")
        return 2
    for name in names or known:
        print(f"== {name}", flush=True)
        subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
