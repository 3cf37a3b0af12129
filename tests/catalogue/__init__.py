"""Compare the declared entities with the catalogue of facts that they were declared from."""
