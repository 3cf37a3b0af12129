"""Offer the package in the dress of a web framework, which only the module that is named for it imports.

``http_status`` and ``url_page`` know no framework and are shared by all of them.
"""
