"""Staff add, verify and try out what the coach may cite; people read what is verified."""

import io
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from accounts.models import User
from accounts.tests.factories import StaffFactory, UserFactory
from coaching.knowledge.deidentifying import names_in
from coaching.knowledge.documents import DocumentNumbers, UnreadableDocument, text_of_pdf
from coaching.models import KnowledgeOrigin, KnowledgeSource

pytestmark = pytest.mark.django_db
ADD = "/admin/coaching/knowledgesource/add/"
LIST = "/admin/coaching/knowledgesource/"
WORDS = "Somebody walked in the hall whenever it rained, and after some weeks the walk was missed when it did not happen. "


def sign_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def staff(settings: Any, tmp_path: Any) -> Client:
    settings.MEDIA_ROOT = str(tmp_path)
    return sign_in(StaffFactory.create(is_superuser=True))


def form(**fields: Any) -> dict[str, Any]:
    return {
        "title": "Rainy days",
        "category": "obstacles",
        "author": "Us",
        "licence": "Own text",
        "citation": "",
        "url": "",
        "body": WORDS,
        **fields,
    }


def pdf(text: str = WORDS * 4, *, password: str = "", pages: int = 1) -> SimpleUploadedFile:
    writer = PdfWriter()
    for _ in range(pages):
        page = writer.add_blank_page(width=600, height=800)
        font = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Font"),
                NameObject("/Subtype"): NameObject("/Type1"),
                NameObject("/BaseFont"): NameObject("/Helvetica"),
            }
        )
        fonts = DictionaryObject({NameObject("/F1"): font})
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        stream = DecodedStreamObject()
        lines = " ".join(f"({line}.) Tj T*" for line in text.split(". ") if line)
        stream.set_data(f"BT /F1 10 Tf 12 TL 20 780 Td {lines} ET".encode())
        page[NameObject("/Contents")] = writer._add_object(stream)
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return SimpleUploadedFile("rain.pdf", out.getvalue(), content_type="application/pdf")


def stream(pages: int = 1) -> io.BytesIO:
    return io.BytesIO(pdf(pages=pages).read())


def only() -> KnowledgeSource:
    return KnowledgeSource.objects.get()


def problems(page: Any) -> str:
    return str(page.context["adminform"].form.errors)


class TestAdding:
    def test_pasted_text_is_cut_and_waits_for_verification(self, staff: Client) -> None:
        staff.post(ADD, form(url="https://example.org/rain"))
        source = only()
        assert (source.origin, source.is_verified) == (KnowledgeOrigin.STAFF, False)
        assert source.slug.startswith("rainy-days-")
        assert source.chunks.count() == 1

    def test_the_text_of_a_pdf_is_taken(self, staff: Client) -> None:
        staff.post(ADD, form(body="", file=pdf()))
        assert "walked in the hall" in only().body
        assert str(only().file.name).endswith(".pdf")

    @pytest.mark.parametrize(
        ("upload", "told"),
        [
            (lambda: pdf(password="secret"), "password"),
            (lambda: pdf("Hi. "), "Hardly any text"),
            (lambda: SimpleUploadedFile("x.pdf", b"%PDF-1.7 broken"), "damaged"),
            (lambda: SimpleUploadedFile("x.pdf", b"plain words"), "no PDF"),
        ],
    )
    def test_a_pdf_that_cannot_be_read_says_why_and_keeps_the_form(
        self, staff: Client, upload: Any, told: str
    ) -> None:
        page = staff.post(ADD, form(body="", title="Kept title", file=upload()))
        assert told in problems(page)
        assert "Kept title" in page.content.decode()
        assert not KnowledgeSource.objects.exists()

    def test_a_document_is_bounded(self) -> None:
        with pytest.raises(UnreadableDocument, match="pages"):
            text_of_pdf(stream(pages=3), DocumentNumbers(most_pages=2))
        with pytest.raises(UnreadableDocument, match="MB"):
            text_of_pdf(stream(), DocumentNumbers(most_bytes=100))
        with pytest.raises(UnreadableDocument, match="too much text"):
            text_of_pdf(stream(), DocumentNumbers(most_characters=100))
        with pytest.raises(UnreadableDocument, match="intricate"):
            text_of_pdf(stream(), DocumentNumbers(most_drawing=100))

    def test_text_and_pdf_together_are_refused(self, staff: Client) -> None:
        assert "Either a text or a PDF" in problems(staff.post(ADD, form(file=pdf())))

    def test_a_licence_is_asked_for(self, staff: Client) -> None:
        assert "licence" in problems(staff.post(ADD, form(licence="")))

    @pytest.mark.parametrize(
        "words",
        [
            "Write to ann@example.org.",
            "Call +49 170 1234567.",
            "It was Anna Schmidt who did.",
            "Dr. Weber said so.",
        ],
    )
    def test_a_success_story_may_not_lead_to_a_person(self, staff: Client, words: str) -> None:
        page = staff.post(ADD, form(category="success_stories", body=WORDS + words))
        assert "may not lead to a person" in problems(page)
        staff.post(ADD, form(category="success_stories"))
        assert only().category == "success_stories"


def test_days_months_and_headings_are_no_names() -> None:
    assert names_in("# The Walk That Grew\n\nOn Monday Morning in New York in May.") == []


class TestVerifying:
    def act(self, client: Client, action: str, *rows: KnowledgeSource, **more: str) -> Any:
        chosen = [str(row.pk) for row in rows]
        return client.post(LIST, {"action": action, "_selected_action": chosen, **more})

    def test_it_is_asked_first_then_done_and_written_down(self, staff: Client) -> None:
        staff.post(ADD, form())
        self.act(staff, "verify", only())
        assert not only().is_verified
        self.act(staff, "verify", only(), confirmed="yes")
        assert only().is_verified
        assert only().verified_by is not None
        assert LogEntry.objects.filter(change_message__contains="Verified").exists()
        self.act(staff, "withdraw", only(), confirmed="yes")
        assert not only().is_verified

    def test_a_changed_text_waits_again_and_a_changed_author_does_not(self, staff: Client) -> None:
        staff.post(ADD, form())
        self.act(staff, "verify", only(), confirmed="yes")
        change = reverse("admin:coaching_knowledgesource_change", args=[only().pk])
        staff.post(change, form(author="Somebody"))
        assert (only().author, only().is_verified) == ("Somebody", True)
        staff.post(change, form(body=WORDS + "It is new."))
        assert not only().is_verified
        assert "It is new." in only().chunks.get().text

    def test_the_library_is_only_read_and_verified(self, staff: Client) -> None:
        row = KnowledgeSource.objects.create(
            slug="rain",
            title="Rain",
            category="obstacles",
            body=WORDS,
            origin=KnowledgeOrigin.LIBRARY,
            is_verified=True,
        )
        change = reverse("admin:coaching_knowledgesource_change", args=[row.pk])
        assert staff.get(change).status_code == 200
        assert staff.post(change, form(title="Mine")).status_code == 403
        delete = reverse("admin:coaching_knowledgesource_delete", args=[row.pk])
        assert staff.post(delete, {"post": "yes"}).status_code == 403
        self.act(staff, "withdraw", row, confirmed="yes")
        assert not only().is_verified

    def test_a_question_can_be_tried(self, staff: Client) -> None:
        staff.post(ADD, form())
        page = staff.get(f"{LIST}try/", {"q": "walking in the hall when it rains"}).content.decode()
        assert "Rainy days" in page
        assert "Not verified" in page
        assert staff.get(f"{LIST}try/").status_code == 200
        assert staff.get(LIST).status_code == 200

    def test_who_may_not_look_may_not_try(self, db: None) -> None:
        assert sign_in(StaffFactory.create()).get(f"{LIST}try/").status_code == 403


def test_people_read_what_is_verified_and_nothing_else(client: Client) -> None:
    row = KnowledgeSource.objects.create(
        slug="rain",
        title="Rainy days",
        category="obstacles",
        licence="Own text",
        citation="Somebody (2020)",
        body="# Walk\n\nIn the hall. <script>alert(1)</script>",
    )
    address = "/knowledge/rain/"
    assert client.get(address).status_code == 302
    person = sign_in(UserFactory.create())
    assert person.get(address).status_code == 404
    KnowledgeSource.objects.filter(pk=row.pk).update(is_verified=True)
    page = person.get(address).content.decode()
    assert "In the hall." in page
    assert "Somebody (2020)" in page
    assert "<script>alert" not in page
    assert page.count("<h1") == 1
