"""From records to files that others read; one module a format, pure over iterables of records."""
