"""What the reader of a kind of documents gives, before pictures are looked at."""

from dataclasses import dataclass, field, replace

from kbray.model import Element, Metadata, Unit


@dataclass(frozen=True, slots=True)
class Read:
    """As in `model.Parsed`."""

    engine: str
    elements: tuple[Element, ...]
    units: tuple[Unit, ...]
    warnings: tuple[str, ...] = ()
    metadata: Metadata = field(default_factory=Metadata)

    def with_lost(self, parts: list[str]) -> "Read":
        """The same, telling of parts that could not be read."""
        if not parts:
            return self
        told = f"Parts of the document can't be read ({len(parts)}): {', '.join(parts)[:300]}."
        return replace(self, warnings=(*self.warnings, told))
