"""What every table of a configuration is made of."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
Name = Annotated[str, Field(min_length=1, max_length=80)]


class Section(BaseModel):
    """A table of the file; an unknown key is an error, because it is a spelling mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)
