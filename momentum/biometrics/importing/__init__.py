"""Files of health data that people bring along: read as streams, never trusted, turned into values of days."""
