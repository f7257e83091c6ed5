"""`make bench`: every measurement, one after another. Each needs a PostgreSQL database of its own (DATABASE_URL)."""

import os
import subprocess
import sys

from bench import clocks


def main() -> int:
    if not os.environ.get("DATABASE_URL"):
        print(
            "Set DATABASE_URL to an empty PostgreSQL database of its own: make bench DATABASE_URL=postgres://…/desk_bench"
        )
        return 2
    clocks.main()
    # In a process of its own: it keeps its files and its database apart from those of the others.
    return subprocess.run([sys.executable, "-m", "bench.intake"], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
