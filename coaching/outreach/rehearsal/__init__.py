"""A month of outreach, played through the product's own code with a simulated clock and simulated people."""
