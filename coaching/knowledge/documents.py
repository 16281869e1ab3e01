"""The text of a PDF that staff upload, within bounds; nothing else of it is used."""

import io
import logging
from dataclasses import dataclass
from typing import BinaryIO

from pypdf import PdfReader
from pypdf.errors import FileNotDecryptedError, PyPdfError

# What reading a broken or hostile file ends in, from pypdf and from below it.
DAMAGE = (
    PyPdfError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    RecursionError,
    OSError,
    ArithmeticError,
    NotImplementedError,
)
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class DocumentNumbers:
    """How large a document may be (ours): bytes of the file, pages, characters of its text.

    `most_drawing` is for what draws the pages, unpacked and in bytes: reading it takes time, and a few packed
    kilobytes can hold an hour of it.
    """

    most_bytes: int = 10 * 1024 * 1024
    most_pages: int = 200
    most_characters: int = 600_000
    most_drawing: int = 4_000_000
    fewest_characters: int = 200


NUMBERS = DocumentNumbers()


class UnreadableDocument(Exception):
    """Why a document cannot be taken, in words for the person who uploads it."""


def text_of_pdf(file: BinaryIO, numbers: DocumentNumbers = NUMBERS) -> str:
    """The text of a PDF as paragraphs. Raises `UnreadableDocument`."""
    data = file.read(numbers.most_bytes + 1)
    if len(data) > numbers.most_bytes:
        raise UnreadableDocument(f"A PDF has at most {numbers.most_bytes // 1024 // 1024} MB.")
    if not data.startswith(b"%PDF-"):
        raise UnreadableDocument("This is no PDF.")
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise UnreadableDocument("This PDF is protected by a password.")
        if len(reader.pages) > numbers.most_pages:
            raise UnreadableDocument(f"A PDF has at most {numbers.most_pages} pages.")
        text = _read(reader, numbers)
    except FileNotDecryptedError:
        raise UnreadableDocument("This PDF is protected by a password.") from None
    except UnreadableDocument:
        raise
    except DAMAGE as error:
        raise _damaged(error) from error
    if len(text) < numbers.fewest_characters:
        raise UnreadableDocument(
            "Hardly any text can be read in this PDF; it may be a scan. Paste its text instead."
        )
    return text


def _read(reader: PdfReader, numbers: DocumentNumbers) -> str:
    pages: list[str] = []
    left, undrawn = numbers.most_characters, numbers.most_drawing
    for page in reader.pages:
        contents = page.get_contents()
        undrawn -= len(contents.get_data()) if contents is not None else 0
        if undrawn < 0:
            raise UnreadableDocument("The pages of this PDF are too intricate. Paste its text.")
        words = _paragraphs(page.extract_text())
        left -= len(words)
        if left < 0:
            raise UnreadableDocument("There is too much text in this PDF. Upload a part of it.")
        pages.append(words)
    return "\n\n".join(filter(None, pages)).replace("\0", "")


def _paragraphs(text: str) -> str:
    """Lines that belong together on one line; words divided at the end of a line made whole."""
    paragraphs: list[str] = []
    for block in text.replace("\r", "\n").split("\n\n"):
        joined = " ".join(block.replace("-\n", "").split())
        if joined:
            paragraphs.append(joined)
    return "\n\n".join(paragraphs)


def _damaged(error: Exception) -> UnreadableDocument:
    logger.info("pdf_unreadable reason=%s", type(error).__name__)
    return UnreadableDocument("This PDF is damaged and cannot be read.")
