"""The library: articles cut into passages, found by meaning and by words, used only when verified."""
