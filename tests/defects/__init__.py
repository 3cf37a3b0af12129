"""Hold the list of the old system's defects against the tests that keep each of them out."""
