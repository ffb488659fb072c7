"""Settings → the concrete catalogue, object store and parsers: the only place where the rooms of floor 3 meet."""

import hashlib
import threading
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self

from kbray import budget, embed, objects, parse, vision
from kbray.catalogue import Catalogue, embedded, languages
from kbray.catalogue.selection import AGAIN
from kbray.config import MiB, Settings
from kbray.document import assemble, chunking
from kbray.errors import ConfigError
from kbray.parse.sandbox.parent import Sandbox
from kbray.ports import Embedder, Objects


class Wiring:
    """What one process uses, each made when first asked for. Ray workers build their own from `settings`."""

    def __init__(self, settings: Settings, *, embedded: bool = False, read_only: bool = False) -> None:
        self.settings = settings
        self.embedded = embedded  # the database is the one under `home`
        self._read_only = read_only
        self._catalogue: Catalogue | None = None
        self._objects: Objects | None = None
        self._sandbox: Sandbox | None = None
        self._tokens: embed.Tokens | None = None
        self._embedders: dict[str, Embedder] = {}
        self._loading = threading.Lock()  # `kbray mcp` asks in threads
        self._fingerprints: dict[str, str] = {}

    def catalogue(self) -> Catalogue:
        if self._catalogue is None:
            if self.settings.database_url is None:
                raise ConfigError("No database is set; use wiring.connect() in the process that starts the work.")
            self._catalogue = Catalogue(
                self.settings.database_url,
                patience_s=self.settings.patience_s,
                read_only=self._read_only,
                revive=self.revive,
            )
        return self._catalogue

    def objects(self) -> Objects:
        if self._objects is None:
            self._objects = objects.connect(self.settings)
        return self._objects

    def own_objects(self, *, lost: bool = False) -> Objects:
        """The object store, known to be this catalogue's own: for what changes both. Workers trust whoever started them.

        Args: lost: the originals may be gone, since they are brought back now.
        Raises: ConfigError: it is another's, or isn't the one that was filled.
        """
        store, catalogue = self.objects(), self.catalogue()
        objects.require_own(store, catalogue.identity(), filled=not lost and catalogue.filled())
        return store

    def sandbox(self) -> Sandbox:
        if self._sandbox is None:
            self._sandbox = Sandbox(self.settings)
        return self._sandbox

    def fingerprint(self, media_type: str, *, again: bool = False) -> str:
        """16 hex digits that change with whatever shapes the results of this kind: its parser, the models, the assembly.

        Args: again: it came out poor and is done another way, which is told by `-ocr` behind them.
        """
        if media_type not in self._fingerprints:
            models = vision.identity(vision.Models.of(self.settings)) if parse.recognises(media_type, self.settings) else ""
            facts = (parse.fingerprint(media_type, self.settings), models, str(assemble.REVISION))
            self._fingerprints[media_type] = hashlib.sha256("\n".join(facts).encode()).hexdigest()[:16]
        return self._fingerprints[media_type] + ("-ocr" if again else "")

    def fingerprints(self) -> Mapping[str, str]:
        """That of every kind there is a parser for; with AGAIN behind the kind that of its other way, where it has one."""
        usual = {media_type: self.fingerprint(media_type) for media_type in parse.MEDIA_TYPES}
        others = (media_type for media_type in usual if parse.other_way(media_type, self.settings))
        return usual | {media_type + AGAIN: self.fingerprint(media_type, again=True) for media_type in others}

    def known_fingerprints(self) -> Mapping[str, str] | None:
        """As `fingerprints`; None: a model can't be had, which `kbray doctor` tells, and so does whoever needs it."""
        try:
            return self.fingerprints()
        except ConfigError:
            return None

    def tokens(self) -> embed.Tokens:
        if self._tokens is None:
            self._tokens = embed.tokens(self.settings)
        return self._tokens

    def model(self) -> tuple[str, int]:
        """Identity and dimension of the embedding model that is set. Raises: ConfigError: it can't be had."""
        folder = embed.model_folder(self.settings.embedding_model)
        return embed.identity(folder), embed.dimension(folder)

    def embedder(self, name: str, identity: str, *, threads: int | None = None, gpu: bool = False) -> Embedder:
        """The model of this name, loaded once; that takes most of a second, or seconds where it needs torch.

        Raises: ConfigError: it can't be had, or is not the one of this identity, or torch can't be loaded.
        """
        with self._loading:
            if identity not in self._embedders:
                folder = embed.model_folder(name)
                if embed.identity(folder) != identity:
                    raise ConfigError(
                        f"The vectors of the index were made by another version of {name} than lies in {folder}: "
                        "run `kbray index`, or search with --mode lexical."
                    )
                longest = self.settings.chunk_tokens + embed.SPECIAL_TOKENS
                self._embedders[identity] = embed.load(folder, longest=longest, threads=threads, gpu=gpu)
            return self._embedders[identity]

    def index_fingerprint(self) -> str:
        """16 hex digits that change with whatever shapes the chunks of a document and how they are found."""
        revisions = f"{chunking.REVISION} {languages.REVISION}"
        facts = (revisions, self.tokens().identity, str(self.settings.chunk_tokens))
        return hashlib.sha256("\n".join(facts).encode()).hexdigest()[:16]

    def revive(self) -> None:
        """The embedded database runs again if it was killed; a server is for others to look after."""
        if self.embedded:
            _start(self.settings)

    def close(self) -> None:
        if self._sandbox is not None:
            self._sandbox.close()
        if self._catalogue is not None:
            self._catalogue.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def connect(settings: Settings, *, read_only: bool = False, waiting: Callable[[str], None] | None = None) -> Wiring:
    """The wiring of the process a user starts: the embedded database runs, the schema is current.

    Args: read_only: the catalogue can't be changed through it.
          waiting: told that a server does not answer at first.
    Raises: ConfigError: the schema of a server is older or newer than this kbray.
            DatabaseUnavailable: the database does not answer.
    """
    if settings.database_url is None:
        settings = settings.model_copy(update={"database_url": _start(settings)})
        with Wiring(settings, embedded=True) as first:
            first.catalogue().upgrade()
        return Wiring(settings, embedded=True, read_only=read_only)
    with Catalogue(settings.database_url, patience_s=settings.patience_s, pool_size=1, waiting=waiting) as first_look:
        current, head = first_look.revision()
    if current != head:
        raise ConfigError(f"The database has schema {current or 'none'}, kbray needs {head}: run `kbray db upgrade`.")
    return Wiring(settings, read_only=read_only)


def catalogue_as_it_is(settings: Settings) -> Catalogue:
    """The catalogue that the settings name, whatever its schema, and be it empty; an embedded database runs.

    Raises: ConfigError, DatabaseUnavailable.
    """
    return Catalogue(settings.database_url or _start(settings), patience_s=settings.patience_s)


def _start(settings: Settings) -> str:
    """The URL of the embedded database, which now runs."""
    return embedded.start(settings.home, settings={"shared_buffers": f"{budget.buffers_bytes(settings) // MiB}MB"})
