"""What each page does, one module for each part of the pharmacy."""
