"""Help tests and demonstrations: engines that need no AWS account, and a legacy database full of invented people.

Importing this package starts nothing and imports none of its modules. Import the one you need::

    from madmall_models.testing import engines
    from madmall_models.testing.legacy import make_legacy_database
"""
