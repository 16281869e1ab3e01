"""Tasks from elsewhere, and tasks for elsewhere: Todoist's CSV, calendar files, and a calendar address."""
