"""`make bench`: every measurement, one after another. Each needs a PostgreSQL database of its own (DATABASE_URL)."""

import os
import sys

from bench import clocks


def main() -> int:
    if not os.environ.get("DATABASE_URL"):
        print(
            "Set DATABASE_URL to an empty PostgreSQL database of its own: make bench DATABASE_URL=postgres://…/desk_bench"
        )
        return 2
    clocks.main()
    return 0


if __name__ == "__main__":
    sys.exit(main())
