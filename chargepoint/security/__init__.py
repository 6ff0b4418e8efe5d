"""Who this station is and whom it believes: certificates, roots, signatures, the way to the back office, events."""
