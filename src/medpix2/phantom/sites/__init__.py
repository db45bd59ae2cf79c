"""The simulated sites: Open-i, MedPix and the image host on one loopback port."""
