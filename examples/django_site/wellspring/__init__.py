"""Be the project: settings and addresses of a small site on Django, without any SQL database."""
