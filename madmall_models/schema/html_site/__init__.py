"""Make a site of the description: one folder of HTML that opens from disk, and asks nothing of a network.

>>> from madmall_models.schema import describe
>>> from madmall_models.schema.html_site import html_site
>>> "index.html" in html_site(describe())
True
"""

from madmall_models.schema.html_site.left_over import left_over
from madmall_models.schema.html_site.site import html_site

__all__ = ["html_site", "left_over"]
