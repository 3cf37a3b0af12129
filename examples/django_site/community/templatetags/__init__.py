"""Hold what the templates say in words."""
