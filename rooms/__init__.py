"""What a meeting is: phases, guests, questions, sound and pictures; knows no HTTP."""
