#!/usr/bin/env python
import os
import sys


def main() -> None:
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except BrokenPipeError:
        if not _reader_has_gone():
            raise
        sys.exit(141)  # as a shell tells it: ended by SIGPIPE


def _reader_has_gone() -> bool:
    """Whether nobody reads our standard output any more (`| head`), which is no fault to show a trace of."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        # Python writes what is left once more at the end: somewhere it may go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return True
    return False


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "warrantydesk.settings")
    main()
