"""What is done to records between source and use; pure, without a database."""
