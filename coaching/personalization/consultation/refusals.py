"""Why a wish about the consultation cannot be followed."""

from typing import Any


class Refused(Exception):
    """The request cannot be followed; `status` is the HTTP status that says so, `members` add to the answer."""

    def __init__(self, status: int, code: str, detail: str, **members: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.members = members


def not_found() -> Refused:
    return Refused(404, "not_found", "There is no such consultation.")
