"""The residents' pages: ask, find the receipt again, read what was answered.

Made for an old phone on a weak line, without an account and without JavaScript. A question is
stored before its receipt is shown.

The house shows them at its own address (`web/ask.py`), and the ward's hub under `/h/to-5/`, be the
house there or not (`web/hub/residents.py`); what differs is the `Desk` behind them.
"""
