"""IP cameras over ONVIF: where their picture is, presets, turning, and how they code.

`OnvifCamera` in `camera.py` is the driver. It talks to its camera in one thread of its own
(`worker.py`), one call at a time, through `connection.py`, the only place that knows the library
onvif-zeep. `steering.py` keeps a camera from turning on by itself; `encoding.py` judges how it
codes. The library is imported by the first camera that needs it: the daemon starts without it.
"""
