"""What becomes of results: files, zips, folders, the clipboard; and how each was made."""
