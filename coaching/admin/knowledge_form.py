"""Adding a source: Markdown or pasted text, or a PDF whose text is taken."""

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.text import slugify
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldAdminURLInputWidget,
)

from coaching.knowledge.deidentifying import names_in
from coaching.knowledge.documents import NUMBERS, UnreadableDocument, text_of_pdf
from coaching.models import KnowledgeCategory, KnowledgeSource

FEWEST_WORDS = 20


class KnowledgeSourceForm(forms.ModelForm[KnowledgeSource]):
    """What staff may say of a source; its slug, digest and verification are not theirs to type."""

    url = forms.URLField(
        label="Address",
        required=False,
        max_length=500,
        assume_scheme="https",
        widget=UnfoldAdminURLInputWidget,
        help_text="Where the text is from. Nothing is fetched from there: paste the text below.",
    )

    class Meta:
        model = KnowledgeSource
        fields = ("title", "category", "author", "licence", "citation", "url", "body", "file")
        widgets = {
            "title": UnfoldAdminTextInputWidget,
            "category": UnfoldAdminSelectWidget,
            "author": UnfoldAdminTextInputWidget,
            "licence": UnfoldAdminTextInputWidget,
            "citation": UnfoldAdminTextareaWidget({"rows": 2}),
            "body": UnfoldAdminTextareaWidget({"rows": 18}),
            "file": UnfoldAdminFileFieldWidget,
        }
        labels = {"body": "Text", "file": "PDF"}
        help_texts = {
            "licence": "Under which it may be used, for example CC BY 4.0, or: own text.",
            "citation": "What it rests on: authors, year, journal.",
            "body": "Markdown or plain text. Leave it empty when you upload a PDF.",
            "file": f"Its text is taken: at most {NUMBERS.most_pages} pages and "
            f"{NUMBERS.most_bytes // 1024 // 1024} MB.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "body" in self.fields:
            self.fields["body"].required = False

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        body, upload = (values.get("body") or "").strip(), self.files.get("file")
        if upload is not None and not self.has_error("file"):
            is_typed = bool(body) and body != (self.initial.get("body") or "").strip()
            if is_typed:
                self.add_error("file", "Either a text or a PDF: the text above would be lost.")
            else:
                body = self._text_of(upload)
        if not self.errors and len(body.split()) < FEWEST_WORDS:
            self.add_error("body", f"A source has at least {FEWEST_WORDS} words.")
        if values.get("category") == KnowledgeCategory.SUCCESS_STORIES and (
            found := names_in(body)
        ):
            self.add_error(
                "body",
                "A success story may not lead to a person. Take out: " + ", ".join(found[:5]) + ".",
            )
        values["body"] = body
        return values

    def _text_of(self, upload: Any) -> str:
        try:
            return text_of_pdf(upload)
        except UnreadableDocument as problem:
            self.add_error("file", str(problem))
            return ""
        finally:
            upload.seek(0)


def new_slug(title: str) -> str:
    """An address for a source that staff added; its end keeps it apart from the library's, now and later."""
    return f"{slugify(title)[:80] or 'source'}-{uuid4().hex[:6]}"
