"""Work on momentum that nobody waits for. Each task makes one call and may run twice."""
