"""What is kept of what happened, for whoever asks later: the log, diagnostics, the grid operator's orders."""
