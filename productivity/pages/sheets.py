"""What opens in the dialog of the list, and is a page of its own without script."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from .answers import fragment, on_the_list


def sheet(
    request: HttpRequest, context: dict[str, object], *, is_refused: bool = False
) -> HttpResponse:
    """What stands in the dialog of the list, or alone on a page of its own."""
    if not on_the_list(request):
        status = 422 if is_refused else 200
        return render(request, "productivity/sheet_page.html", context, status=status)
    response = fragment(request, "productivity/sheet.html", {**context, "in_sheet": True})
    if request.method == "POST":
        response["HX-Retarget"] = "#task-sheet"
        response["HX-Reswap"] = "innerHTML"
    return response
