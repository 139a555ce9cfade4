"""Other systems that hear of cases, each behind the same small protocol; none knows another."""
