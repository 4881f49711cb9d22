"""Plans: what has to happen at each target, as complete frozen data. Pure: no clock, no environment, no files."""
