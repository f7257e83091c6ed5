"""The words of the clock drawing in the reader's language: draw_all(clock, marks, clock_words())."""

from products.tongues import clock_words

__all__ = ["clock_words"]
