"""Reports as files: CSV, XLSX, JSON, PDF and a table for the terminal. Each is written row by row."""
