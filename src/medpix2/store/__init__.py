"""The database: the embedded MongoDB server, shape, loading, queries; the only place with `$`."""
