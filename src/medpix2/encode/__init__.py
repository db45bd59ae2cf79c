"""Pictures made ready: the mask of burned-in text, one size, one form; importable without torch."""
