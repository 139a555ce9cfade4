"""The ward: its houses and its people, as one or several processes of the hub keep them."""
