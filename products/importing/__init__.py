"""Files and orders of shops → what `products.services` registers. Reading never writes."""
