"""When tasks fit: free time, a person's own odds of each hour, suggestions, days and weeks that fit."""
