"""Demo people for a fresh machine: somebody with two months behind them, their coach, and an admin."""
