"""The page of an article, which people reach from a citation: its text, where it comes from, what it rests on."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.views.decorators.http import require_GET

from coaching.models import KnowledgeSource

from . import markdown


@login_required
@require_GET
def article(request: HttpRequest, slug: str) -> HttpResponse:
    """An article that was verified; any other is not found."""
    source = get_object_or_404(KnowledgeSource, slug=slug, is_verified=True)
    # The page has its own first heading.
    html = markdown.render(source.body).replace("<h1>", "<h2>").replace("</h1>", "</h2>")
    context = {"source": source, "html": html}
    return render(request, "coaching/knowledge/article.html", context)


urlpatterns = [path("knowledge/<slug:slug>/", article, name="knowledge_article")]
