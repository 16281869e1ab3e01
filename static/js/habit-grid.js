/* habit-grid */
