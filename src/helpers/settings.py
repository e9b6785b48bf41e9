"""What whoever hands out the course may change."""

# whether `solution` and the card of a passed exercise show the reference
SOLUTIONS = True
