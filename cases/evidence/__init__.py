"""Files of a case: taken in by content, kept as they came, shown only as pictures made from them."""
