"""From a source to raw documents: published copies and archives."""
