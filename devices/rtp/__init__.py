"""RTSP and RTP as a camera speaks them, read on the event loop: from bytes to whole pictures.

messages.py      RTSP's messages, and what lies between them on the same line
login.py         answers to Basic and Digest
description.py   what a camera offers (SDP)
packets.py       RTP packets: read, put in order
units.py         from packets to the NAL units of one picture
reports.py       RTCP: the camera's clock, and what is reported back to it
lines.py         the ways on which packets come: inside the RTSP connection, or by UDP
client.py        one connection: describe, set up, play, keep alive, tear down
"""
