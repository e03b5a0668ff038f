"""Worker processes: one queue each; they run nudged jobs and the periodic sweeps."""
