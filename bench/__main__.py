"""`make bench`: every measurement, one after another; `python -m bench fill --cases N`: a database to measure on.

Each needs a PostgreSQL database of its own (DATABASE_URL).
"""

import os
import subprocess
import sys


def main(arguments: list[str]) -> int:
    if not os.environ.get("DATABASE_URL"):
        print(
            "Set DATABASE_URL to an empty PostgreSQL database of its own: make bench DATABASE_URL=postgres://…/desk_bench"
        )
        return 2
    if arguments[:1] == ["fill"]:
        import bench.django_ready  # noqa: F401
        from bench import filling

        return filling.main(arguments[1:])
    from bench import clocks

    clocks.main()
    # In a process of its own: it keeps its files and its database apart from those of the others.
    return subprocess.run([sys.executable, "-m", "bench.intake"], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
