"""Hold the commands of the site."""
