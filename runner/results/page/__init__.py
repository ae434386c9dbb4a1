"""What every page is made of: its frame, its style, its figures, the library that shows them."""
