"""How fast and how frugal the daemon is, beside a plain aiortc server on the same machine.

`make bench`, or with fewer turns `python -m bench --joins 3 --seconds 5`. No part of the wheel.
"""
