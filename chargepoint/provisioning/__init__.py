"""A maker's line makes a station of its own out of a board and an image: name, keys, codes, factory file."""
