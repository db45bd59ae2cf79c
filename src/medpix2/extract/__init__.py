"""From a source to raw documents: published copies, archives, a crawl of Open-i and MedPix."""
