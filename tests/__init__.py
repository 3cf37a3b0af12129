"""The tests of madmall_models."""
