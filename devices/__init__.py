"""Drivers for the equipment of a hall: one file per kind of driver; knows no meeting."""
