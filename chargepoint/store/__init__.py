"""What survives a power cut: the journal of facts and the station's memory, in one SQLite file."""
