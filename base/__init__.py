"""What every layer may use: a cause in codes, the latest value of something, and nothing else."""
