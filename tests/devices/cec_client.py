"""Stands for `cec-client -s`: no adapter and no television is here. Simulated: what it prints is
worded as libCEC 6's program words it, the television is a file that the test writes."""

import json
import sys
from pathlib import Path

file = Path(sys.argv[1])
television = json.loads(file.read_text())
name = sys.argv[sys.argv.index("-o") + 1]
if television.get("fails"):
    print("autodetect FAILED")
    sys.exit(1)
command = sys.stdin.readline().strip()
television["told"] = [*television.get("told", []), command]
if command == "on 0":
    television["power"] = "on"
elif command == "standby 0":
    television["power"] = "standby"
elif command == "as":
    television["shows"] = "us"
elif command == "pow 0":
    print(f"power status: {television['power']}")
elif command == "scan":
    ours, other = ("no", "yes") if television["shows"] == "other" else ("yes", "no")
    print("requesting CEC bus information ...\nCEC bus information\n===================")
    print("device #0: TV\naddress:       0.0.0.0\nactive source: no\nosd string:    TV\n")
    print(f"device #1: Recorder 1\naddress:       1.0.0.0\nactive source: {ours}")
    print(f"osd string:    {name}\npower status:  on\n\n")
    print(f"device #4: Playback 1\naddress:       2.0.0.0\nactive source: {other}")
    print("osd string:    Box\npower status:  on\n")
file.write_text(json.dumps(television))
