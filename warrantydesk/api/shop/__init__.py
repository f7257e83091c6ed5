"""What Shopify posts to /hooks/shopify/: proved, kept as it came, then taken in."""
