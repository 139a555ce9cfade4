"""What the Linux kernel tells about webcams: which there are, what they can do, when one is plugged
in.

    for webcam in webcams():
        print(webcam.name, webcam.address, read_modes(webcam.address))

    python -m devices.video4linux --read 30      # the same as a program, and pictures of each
"""
