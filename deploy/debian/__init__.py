"""Builds the Debian package: `./dev deb`. Needs dpkg-deb and the network or pip's cache; neither root nor emulation."""
