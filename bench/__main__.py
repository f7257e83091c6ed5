"""`make bench`: every measurement and one table. `python -m bench fill --cases N`: a database to measure on.
`python -m bench pages --database …`: the pages alone; `narrowed`: the reports with every kind of filter.
"""

import os
import sys


def main(arguments: list[str]) -> int:
    what = arguments[0] if arguments else ""
    if what == "fill":
        if not os.environ.get("DATABASE_URL"):
            print("Set DATABASE_URL to a PostgreSQL database of its own.", file=sys.stderr)
            return 2
        import bench.django_ready  # noqa: F401 - sets Django up
        from bench import filling

        return filling.main(arguments[1:])
    if what == "pages":
        from bench import pages

        return pages.main(arguments[1:])
    if what == "narrowed":
        from bench import narrowed

        return narrowed.main(arguments[1:])
    from bench import everything

    return everything.main(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
