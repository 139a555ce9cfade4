"""ipycam's ONVIF server (MIT), which nobody here wrote, in a process of its own.

    python onvif_peer.py USER PASSWORD [NAME]

With a name it also answers whoever looks for cameras on 127.0.0.1.
Prints its port, and then what its motors were told, a line each. Only its answers are used: what
draws its pictures (OpenCV) is not installed, so a name stands in for it.
"""

import http.server
import sys
import types

sys.modules["cv2"] = types.ModuleType("cv2")

from ipycam.config import CameraConfig  # noqa: E402
from ipycam.discovery import WSDiscoveryServer  # noqa: E402
from ipycam.http import IPCameraHTTPHandler  # noqa: E402
from ipycam.onvif import ONVIFService  # noqa: E402
from ipycam.ptz import PTZController  # noqa: E402


class Motors:
    def on_continuous_move(self, pan_speed, tilt_speed, zoom_speed):
        print("move", pan_speed, tilt_speed, zoom_speed, flush=True)

    def on_stop(self):
        print("stop", flush=True)

    def on_goto_preset(self, token, pan, tilt, zoom):
        print("preset", token, flush=True)

    def on_goto_home(self):
        print("home", flush=True)


def main() -> None:
    user, password, *name = sys.argv[1:]
    config = CameraConfig(name=name[0] if name else "peer", onvif_port=0)
    config.set_credentials(user, password)
    ptz = PTZController(1280, 720)
    ptz.add_hardware_handler(Motors())
    camera = types.SimpleNamespace(config=config, ptz=ptz, onvif=ONVIFService(config, ptz))
    handler = type("Handler", (IPCameraHTTPHandler,), {"camera": camera})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    if name:
        config.local_ip, config.onvif_port = "127.0.0.1", server.server_address[1]
        WSDiscoveryServer(camera.onvif).start()
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
