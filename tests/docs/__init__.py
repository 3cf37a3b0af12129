"""What is written for readers is run, compared with the code, or not written."""
