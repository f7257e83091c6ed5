"""Counting what the reports show: from the rows of the storeys below into the flat rows of `reports.models`."""
