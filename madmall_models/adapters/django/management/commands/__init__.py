"""Be one module for each group of commands of ``madmall``."""
