"""Residents' mail: from a mailbox to a case, and the receipt back."""
