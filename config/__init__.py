"""Settings: what one house is made of, read from a TOML file that a person can write."""
