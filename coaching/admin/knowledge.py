"""What the coach may cite: the library to look at, sources of the staff to write, all of it to verify and try out."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, QuerySet, Sum
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET
from unfold.admin import ModelAdmin
from unfold.decorators import display

from accounts.current import person
from accounts.staff import confirmed
from coaching.knowledge import loading
from coaching.knowledge.search import LONGEST_QUERY, NUMBERS, tried
from coaching.models import KnowledgeOrigin, KnowledgeSource

from .knowledge_form import KnowledgeSourceForm, new_slug

SHOWN_RESULTS = 12
TEXTS = {"title", "body", "category"}


@admin.register(KnowledgeSource)
class KnowledgeSourceAdmin(ModelAdmin):
    """One source a row. Articles of the library come with the product: only their verification is changed here."""

    form = KnowledgeSourceForm
    list_display = ("title", "category", "origin", "standing", "passages", "words", "licence")
    list_filter = ("is_verified", "category", "origin")
    search_fields = ("title", "body", "author", "citation")
    ordering = ("category", "title")
    list_per_page = 120
    list_before_template = "coaching/admin/knowledge_try.html"
    actions = ("verify", "withdraw")
    fieldsets = (
        (None, {"fields": ("title", "category", "author", "licence", "citation", "url")}),
        ("Text", {"fields": ("body", "file")}),
        ("Use", {"fields": ("standing", "page", "origin", "updated_at")}),
        ("Passages", {"fields": ("chunks_shown",)}),
    )
    readonly_fields = ("standing", "page", "origin", "updated_at", "chunks_shown")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fieldsets if obj else self.fieldsets[:2]

    def get_queryset(self, request: HttpRequest) -> QuerySet[KnowledgeSource]:
        rows: QuerySet[KnowledgeSource] = super().get_queryset(request)
        return rows.annotate(count=Count("chunks"), word_total=Sum("chunks__word_count"))

    # --- Who may do what ------------------------------------------------------------------------

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The library's articles are changed with the product; the next load would undo anything else."""
        is_library = obj is not None and obj.origin == KnowledgeOrigin.LIBRARY
        return not is_library and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_library = obj is not None and obj.origin == KnowledgeOrigin.LIBRARY
        return not is_library and super().has_delete_permission(request, obj)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions: dict[str, Any] = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    # --- The list and the page ------------------------------------------------------------------

    @display(description="Use", label={"Used": "success", "Not verified": "warning"})
    def standing(self, source: KnowledgeSource) -> str:
        return "Used" if source.is_verified else "Not verified"

    @admin.display(description="Passages", ordering="count")
    def passages(self, source: KnowledgeSource) -> int:
        return int(getattr(source, "count", 0))

    @admin.display(description="Words", ordering="word_total")
    def words(self, source: KnowledgeSource) -> int:
        return int(getattr(source, "word_total", 0) or 0)

    @admin.display(description="As people see it")
    def page(self, source: KnowledgeSource) -> SafeString | str:
        if not source.is_verified:
            return "Not shown before it is verified."
        address = reverse("knowledge_article", args=[source.slug])
        return format_html(
            '<a class="text-primary-600 dark:text-primary-500 underline" href="{0}">{0}</a>',
            address,
        )

    @admin.display(description="As the coach is given it")
    def chunks_shown(self, source: KnowledgeSource) -> str:
        rows = source.chunks.order_by("ordinal").values(
            "ordinal", "heading", "text", "word_count", "embedding_model__name"
        )
        return render_to_string("coaching/admin/knowledge_passages.html", {"rows": rows})

    def save_model(
        self, request: HttpRequest, obj: KnowledgeSource, form: ModelForm[Any], change: bool
    ) -> None:
        """Saves and cuts the text anew. A changed text waits for a new verification."""
        old_file = KnowledgeSource.objects.filter(pk=obj.pk).values_list("file", flat=True).first()
        if not change:
            obj.slug, obj.origin = new_slug(obj.title), KnowledgeOrigin.STAFF
        is_new_text = (
            not change or bool(TEXTS.intersection(form.changed_data)) or "file" in form.files
        )
        if change and is_new_text and obj.is_verified:
            obj.is_verified, obj.verified_by, obj.verified_at = False, None, None
            messages.info(request, "The text changed, so it waits to be verified again.")
        super().save_model(request, obj, form, change)
        if old_file and old_file != obj.file.name:
            transaction.on_commit(lambda: loading.delete_file(old_file))
        if is_new_text:
            count = loading.rechunk(obj)
            transaction.on_commit(lambda: loading.embed_source(obj), robust=True)
            messages.info(
                request,
                f"Cut into {count} passage{'' if count == 1 else 's'}. It is used once it is verified.",
            )

    def delete_model(self, request: HttpRequest, obj: KnowledgeSource) -> None:
        name = obj.file.name
        super().delete_model(request, obj)
        if name:
            transaction.on_commit(lambda: loading.delete_file(name))

    # --- Verification ---------------------------------------------------------------------------

    @confirmed(
        "Verify",
        "May the coach use these sources in its answers? You have read them, they may be used under their "
        "licence, and what they say is sound.",
    )
    def verify(self, request: HttpRequest, rows: QuerySet[KnowledgeSource]) -> None:
        self._set(request, rows.filter(is_verified=False), True, "Verified")

    @confirmed(
        "Withdraw verification",
        "Stop using these sources? Earlier answers that cite them keep their text, without a link.",
    )
    def withdraw(self, request: HttpRequest, rows: QuerySet[KnowledgeSource]) -> None:
        self._set(request, rows.filter(is_verified=True), False, "Verification withdrawn")

    def _set(
        self, request: HttpRequest, rows: QuerySet[KnowledgeSource], verified: bool, done: str
    ) -> None:
        chosen = list(rows)
        KnowledgeSource.objects.filter(pk__in=[row.pk for row in chosen]).update(
            is_verified=verified,
            verified_by=person(request) if verified else None,
            verified_at=timezone.now() if verified else None,
        )
        for row in chosen:
            self.log_change(request, row, f"{done}.")
        count = len(chosen)
        messages.success(request, f"{done}: {count} source{'' if count == 1 else 's'}.")

    # --- Trying a question ----------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_GET(self.try_view))
        return [path("try/", view, name="coaching_knowledgesource_try"), *super().get_urls()]

    def try_view(self, request: HttpRequest) -> HttpResponse:
        """What would be found for a question, with its scores; also what is not verified, marked as such."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        question = request.GET.get("q", "")[:LONGEST_QUERY]
        found = tried(question, with_unverified=True, limit=SHOWN_RESULTS)
        context = {
            **self.admin_site.each_context(request),
            "title": "Try a question",
            "opts": self.model._meta,
            "question": question,
            "found": found,
            "used": sum(each.is_verified and each.scores.is_relevant for each in found),
            "numbers": NUMBERS,
        }
        return TemplateResponse(request, "coaching/admin/knowledge_tried.html", context)
