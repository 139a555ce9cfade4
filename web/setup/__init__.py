"""The set-up: from an empty machine to a house that was rehearsed, without editing a file.

Found, named, let in, tried, saved, rehearsed: `draft.py` holds what was typed until it is saved,
`pages.py` are the screens.
"""
