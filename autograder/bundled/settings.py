"""What whoever hands out the course may change."""

# a bundle has no reference to show
SOLUTIONS = False
