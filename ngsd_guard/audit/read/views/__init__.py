"""What people look at: one line a record, statistics, the story of one request, the report."""
