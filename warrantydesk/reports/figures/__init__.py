"""The reports, one file each: what is asked of the counted rows, and what it means in words."""
