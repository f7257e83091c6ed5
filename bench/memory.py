"""What this process held at most. `getrusage` will not do in a child: there the most its parent held counts, too."""

from pathlib import Path


def peak_megabytes() -> float:
    """The high-water mark of the resident memory, as Linux keeps it since the process began its program."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024
