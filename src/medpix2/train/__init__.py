"""Training of a CLIP model from an exported folder of pairs; needs the extra `learn`."""
