"""The crawl of Open-i and MedPix with Scrapy, from a snapshot's frontier into the snapshot."""
