"""What the program tells others of a participant's care: only under a release in force, and each time accounted for."""
