"""Janus' Streaming plugin, the peer written in C: RTP in, any number of viewers out.

Needs Debian's `janus`, and an address that is not loopback's: it refuses to meet there.
"""

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

START_SECONDS = 20.0

GENERAL = """
general: {{
  configs_folder = "{folder}"
  plugins_folder = "/usr/lib/x86_64-linux-gnu/janus/plugins"
  transports_folder = "/usr/lib/x86_64-linux-gnu/janus/transports"
  events_folder = "/usr/lib/x86_64-linux-gnu/janus/events"
  loggers_folder = "/usr/lib/x86_64-linux-gnu/janus/loggers"
  debug_level = 3
  interface = "{host}"
  session_timeout = 0
}}
media: {{ ipv6 = false }}
nat: {{ nice_debug = false, ice_enforce_list = "{host}" }}
plugins: {{ disable = "{other}" }}
"""
HTTP = """
general: {{ json = "plain", base_path = "/janus", http = true, port = {port}, ip = "{host}" }}
admin: {{ admin_http = false }}
"""
STREAMING = """
hall: {{
  type = "rtp"
  id = 1
  audio = true
  audioport = {sound}
  audiopt = 111
  audiocodec = "opus"
  video = true
  videoport = {video}
  videopt = 96
  videocodec = "h264"
  videofmtp = "profile-level-id=42e01f;packetization-mode=1"
  videobufferkf = true
}}
"""
OTHER_PLUGINS = (
    "libjanus_audiobridge.so,libjanus_echotest.so,libjanus_nosip.so,libjanus_recordplay.so,"
    "libjanus_sip.so,libjanus_textroom.so,libjanus_videocall.so,libjanus_videoroom.so,"
    "libjanus_voicemail.so,libjanus_duktape.so,libjanus_lua.so"
)


def have_janus() -> bool:
    return shutil.which("janus") is not None


@asynccontextmanager
async def janus(
    folder: Path,
    *,
    host: str,
    port: int,
    video: int,
    sound: int,
    without: str = OTHER_PLUGINS,
) -> AsyncIterator[tuple[int, str]]:
    """Its process and its address. Raises RuntimeError where it does not start."""
    settings = folder / "janus"
    settings.mkdir(parents=True, exist_ok=True)
    words = {"folder": settings, "host": host, "port": port, "video": video, "sound": sound}
    for name, text in (
        ("janus.jcfg", GENERAL),
        ("janus.transport.http.jcfg", HTTP),
        ("janus.plugin.streaming.jcfg", STREAMING),
    ):
        (settings / name).write_text(text.format(**words, other=without))
    with (folder / "janus.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            "janus",
            *("--config", str(settings / "janus.jcfg"), "--configs-folder", str(settings)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=os.environ | {"LANG": "C"},
        )
    address = f"http://{host}:{port}/janus"
    try:
        await _until_it_answers(process, address)
        yield process.pid, address
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), START_SECONDS)
            except TimeoutError:
                process.kill()
                await process.wait()


async def _until_it_answers(process: asyncio.subprocess.Process, address: str) -> None:
    async with httpx.AsyncClient() as client:
        for _ in range(round(START_SECONDS / 0.1)):
            if process.returncode is not None:
                raise RuntimeError(f"janus ended with status {process.returncode}")
            try:
                if (await client.get(f"{address}/info")).status_code == httpx.codes.OK:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)
    raise RuntimeError("janus did not answer")
