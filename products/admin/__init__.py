"""Master data to edit, and what was sold to look at. What was promised is changed by services only, never here."""

from products.admin import catalogue, cover, sales, terms

__all__ = ["catalogue", "cover", "sales", "terms"]
