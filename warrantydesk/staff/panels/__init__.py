"""One file for each part of the case page."""
