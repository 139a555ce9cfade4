"""The pages where people deal with cases: a house's leader and secretary, and the ward's people."""
