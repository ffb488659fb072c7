"""Every error kbray raises, and the stable code each one leaves in the catalogue.

    KbrayError(code, retryable)
    ├ ConfigError            config
    ├ DocumentError          (permanent: the same bytes fail the same way)
    │ ├ UnsupportedMedia     unsupported_media
    │ ├ CorruptDocument      corrupt_document
    │ ├ EncryptedDocument    encrypted_document
    │ ├ EmptyDocument        empty_document
    │ ├ DocumentTooLarge     document_too_large
    │ ├ NeedsRecognition     needs_recognition
    │ ├ UnreadPage           unread_page
    │ ├ ParseTimeout         parse_timeout
    │ ├ ParserCrashed        parser_crashed
    │ └ MissingOriginal      missing_original
    ├ TransientError         (another try may go well)
    │ ├ ObjectStoreUnavailable  object_store_unavailable
    │ ├ DatabaseUnavailable     database_unavailable
    │ ├ ClusterUnavailable      cluster_unavailable
    │ ├ OutputUnavailable       output_unavailable
    │ └ ModelOutOfMemory        model_out_of_memory
    └ FencedOut              fenced_out

Messages are sentences for users: what, where, what to do. All errors survive pickling, since they cross process borders.
"""

import re
import traceback as tracebacks


class KbrayError(Exception):
    """Something kbray can name. `code` is stable; `hint` says what the user can do about it."""

    code: str = "internal_error"
    retryable: bool = False
    hint: str = "This is a defect of kbray: please report it with the output of `kbray show FILE`."

    def __init__(self, message: str, *, page: int | None = None, chapter: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.page = page
        self.chapter = chapter

    def __reduce__(self) -> tuple[object, ...]:
        return (_restore, (type(self), self.message, self.page, self.chapter))

    def __str__(self) -> str:
        return self.message


def _restore(kind: type[KbrayError], message: str, page: int | None, chapter: str | None) -> KbrayError:
    return kind(message, page=page, chapter=chapter)


class ConfigError(KbrayError):
    """The settings or arguments make no sense together."""

    code = "config"
    hint = "Correct the setting; `kbray doctor` shows what is in force and where it comes from."


class DocumentError(KbrayError):
    """The document itself can't be read; the same bytes will fail the same way."""

    code = "document_error"


class UnsupportedMedia(DocumentError):
    """No parser for this kind of file."""

    code = "unsupported_media"
    hint = "Convert the file to a kind kbray reads (EPUB, HTML, Markdown, text, PDF, image, office), then sync again."


class CorruptDocument(DocumentError):
    """The bytes do not follow the format."""

    code = "corrupt_document"
    hint = "Fetch the file again from where it came; if another program opens it, save it anew from there."


class EncryptedDocument(DocumentError):
    """A password or DRM stands before the content."""

    code = "encrypted_document"
    hint = "Remove the password or protection with the program that set it, then sync again."


class EmptyDocument(DocumentError):
    """There is nothing in it."""

    code = "empty_document"
    hint = "The file holds no content; fetch it again, or leave it."


class DocumentTooLarge(DocumentError):
    """Reading it would need more memory, disk or pixels than the limits allow."""

    code = "document_too_large"
    hint = "If you trust the file, raise the limit named in the message and run `kbray process --retry-failed`."


class NeedsRecognition(DocumentError):
    """Only recognition could read it, and recognition is off."""

    code = "needs_recognition"
    hint = "Set `ocr` to `auto` (KBRAY_OCR=auto), then run `kbray process --stale`."


class UnreadPage(DocumentError):
    """A page has print, and none of it could be read."""

    code = "unread_page"
    hint = "Look at the page with `kbray inspect`; `kbray doctor` tells which scripts can be recognised."


class ParseTimeout(DocumentError):
    """The parser did not end in time and was killed."""

    code = "parse_timeout"
    hint = "If you trust the file, raise `parse_timeout_s` and run `kbray process --retry-failed`."


class ParserCrashed(DocumentError):
    """The parser's process died."""

    code = "parser_crashed"
    hint = "The file breaks its parser; fetch it again, or try `kbray process --retry-failed` after an upgrade."


class MissingOriginal(DocumentError):
    """Its bytes are not in the object store any more."""

    code = "missing_original"
    retryable = True
    hint = "Run `kbray sync` on the folder it came from, then `kbray process --retry-failed`."


class MissingResult(DocumentError):
    """What was made of the file is not in the object store."""

    code = "missing_result"
    hint = "Run `kbray cleanup --auto-fix`, then `kbray process`: it makes the result again."


class TransientError(KbrayError):
    """Something around the document failed; another try may go well."""

    code = "transient_error"
    retryable = True


class ObjectStoreUnavailable(TransientError):
    """The bytes could not be read or written."""

    code = "object_store_unavailable"
    hint = "Check that the object store runs and has space (`kbray doctor`), then run the command again."


class DatabaseUnavailable(TransientError):
    """The catalogue could not be reached."""

    code = "database_unavailable"
    hint = "Check that the database runs (`kbray doctor`), then run the command again."


class ClusterUnavailable(TransientError):
    """Ray, or its node on this machine, is gone."""

    code = "cluster_unavailable"
    hint = "Nothing is lost: run the same command again and it goes on where it was."


class OutputUnavailable(TransientError):
    """What a command prints can't be written where it was sent."""

    code = "output_unavailable"
    hint = "Make room there, or send it elsewhere, and run the command again."


class ModelOutOfMemory(TransientError):
    """The device had no room for the batch."""

    code = "model_out_of_memory"
    hint = "Free memory on the device or lower the batch size, then run `kbray process --retry-failed`."


class FencedOut(KbrayError):
    """This run lost its lease: another run owns its work now."""

    code = "fenced_out"
    hint = "Another run took over; nothing was lost. Look at `kbray status`."


def all_codes() -> dict[str, type[KbrayError]]:
    """Code → class, for every error of the tree."""
    found: dict[str, type[KbrayError]] = {}
    todo: list[type[KbrayError]] = [KbrayError]
    while todo:
        kind = todo.pop()
        found[kind.code] = kind
        todo.extend(kind.__subclasses__())
    return found


def explain(code: str) -> str:
    """What a user can do about a failure with this code."""
    return all_codes().get(code, KbrayError).hint


_VOLATILE = re.compile(
    r"""0x[0-9a-fA-F]+            # addresses
      | [0-9a-f]{8,64}            # hashes and ids
      | (?:[A-Za-z]:)?[/\\][^\s'":,]+   # paths
      | '[^']*' | "[^"]*"         # names taken from the document
      | \d+(?:[.,]\d+)*           # numbers
    """,
    re.VERBOSE,
)


def signature(code: str, stage: str, message: str, trace: str = "") -> str:
    """What makes two failures the same problem: the message and the innermost frames without numbers, paths and ids.

    `trace` is a formatted traceback or empty; of each frame only file name and function count.
    """
    frames = re.findall(r'File "(?:[^"]*[/\\])?([^"/\\]+)", line \d+, in (\S+)', trace)[-3:]
    where = " < ".join(f"{name}:{function}" for name, function in reversed(frames))
    text = _VOLATILE.sub("*", message)
    return f"{code} in {stage}: {' '.join(text.split())[:200]}" + (f" [{where}]" if where else "")


def format_traceback(error: BaseException) -> str:
    """The traceback as text, its end kept when it is long."""
    return "".join(tracebacks.format_exception(error))[-8000:]
