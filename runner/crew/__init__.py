"""Who trains: groups of runs as files, and workers that take them, in this process or in others."""
