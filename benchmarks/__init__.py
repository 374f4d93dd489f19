"""Ratios against ceilings: what each part reaches of what the machine could give."""
