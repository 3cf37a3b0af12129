"""Every operation with every kind of bad input: a typed error, nothing written, nobody's data in its text."""
