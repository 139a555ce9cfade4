"""What stands in the hall and has not been set up yet: one look for everything.

    for found in await scan(Network.of(())):
        print(found.kind, found.name, found.address)

Looks only; nothing is switched, and nobody's password is asked for. A device of a kind that cannot
be looked for here (no network, no sound library) is simply not found.
"""
