"""What fields of the link may hold."""

from typing import Annotated

from pydantic import Field, StringConstraints

ChannelId = Annotated[int, Field(ge=1, le=0xFFFFFFFF)]
Count = Annotated[int, Field(ge=0, le=1_000_000)]
Word = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
"""A code of ours: a phase, a kind of device, a cause."""
Words = Annotated[str, StringConstraints(max_length=200)]
"""Something that a person wrote."""
Number = Annotated[int | float, Field(ge=-1e12, le=1e12)]
CloseCode = Annotated[int, Field(ge=1000, le=4999)]
Headers = Annotated[
    tuple[
        tuple[
            Annotated[str, StringConstraints(pattern=r"^[a-z-]{1,40}$")],
            Annotated[str, StringConstraints(pattern=r"^[\t\x20-\x7e\x80-\xff]{0,1000}$")],
        ],
        ...,
    ],
    Field(max_length=20),
]
