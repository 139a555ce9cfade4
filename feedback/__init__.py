"""A resident's matter from its receipt to its public answer; knows no room."""
