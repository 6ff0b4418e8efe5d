"""A station in one file: made while it runs or not, put on a new storage card, and what a factory reset takes away."""
