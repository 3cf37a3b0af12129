"""Carry requests to DynamoDB: one client per database, bounded retries, checked answers, typed errors, figures."""
