"""The recording of a meeting: the hall's picture as its camera sends it, and everybody's sound."""
