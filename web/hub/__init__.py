"""The ward's hub on the web: its staff's pages, and its houses' public pages through the link.

app.py       the application, put together from its parts
site.py      what the parts are made from
access.py    who somebody is, by the cookie of a session
entry.py     log-in, the first password
houses.py    the houses and how they stand; enrolling them
plans.py     meetings planned in one house
invitations.py  to a meeting in one house, for somebody else
watch.py     what is wrong in which house, for technicians; alerts
accounts.py  the staff
enrol.py     POST /api/enrol and WebSocket /link: what houses come to
links.py     a house's link, and what the other processes of the hub are told of it
peers.py     the other processes of the hub, and houses that are linked to them
board.py     how all houses stand, whichever process they are linked to
public.py    /h/<house>/…, passed on to the house
residents.py what residents need of it, from here: ask, receipt, board
short.py     /<house>, to be typed from the big screen
live.py      pages that stay as they are in the database
"""
