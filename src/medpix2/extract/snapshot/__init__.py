"""A snapshot: every raw answer of a crawl on disk, and what is still to be asked.

A snapshot is a folder: `answers.sqlite` holds the answers with their addresses, times, status,
headers and hashes, and the list of what is wanted; `pictures/` holds the pictures by their SHA-256.
An answer, what follows from it, and that it is no longer wanted are one transaction: a kill at any
point leaves a snapshot that the same command goes on from (docs/decisions/0007).
"""
