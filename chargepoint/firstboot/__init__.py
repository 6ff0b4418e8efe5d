"""A station's first start: an installer's files on the boot partition of its card become the configuration in force.

He has the card, a laptop with Windows, and nothing else. What is wrong he reads in a file beside his own.
"""
