"""Tests that the house keeps its own rules: what may import what, sizes, names, docstrings, a quiet import."""
