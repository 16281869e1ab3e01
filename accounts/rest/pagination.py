"""Pages of lists: a cursor, newest first, and never unbounded."""

from rest_framework.pagination import CursorPagination


class NewestFirst(CursorPagination):
    """Keys are time-ordered, so ordering by them is ordering by creation."""

    ordering = "-id"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200
