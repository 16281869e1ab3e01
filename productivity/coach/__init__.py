"""What the productivity domain hands the coach. Found at start-up by `autodiscover_modules("coach")`."""
