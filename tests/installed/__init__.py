"""Try the built wheel as somebody would who installs it: in an empty environment, away from the checkout."""
