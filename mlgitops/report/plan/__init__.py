"""Plans for people: as ``text`` for a terminal, and as ``markdown`` for pull requests and job summaries. Pure."""
