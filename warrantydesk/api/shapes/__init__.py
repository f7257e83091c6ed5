"""What goes in and out, as the schema documents it. Output shapes read rows; input shapes only check."""
