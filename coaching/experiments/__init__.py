"""Experiments: comparing the variants of a declared variation point, and stopping what does harm."""
