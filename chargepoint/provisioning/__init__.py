"""A maker's line makes a station of its own out of a board and an image: name, keys, codes, factory file."""

DECIDED = ".provisioning"
"""A folder of the state directory in which something lies that was decided and is not done yet (`commit`)."""
