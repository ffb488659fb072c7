"""What is wrong, problem by problem instead of file by file, and what can be done about it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from kbray.catalogue import Catalogue, FileRow, Problem
from kbray.catalogue.selection import is_outdated
from kbray.errors import ConfigError, all_codes, explain


@dataclass(frozen=True, slots=True)
class ExplainedProblem:
    """Failures that share a signature. `key` names it shortly; `meaning` says what the code stands for."""

    key: str
    signature: str
    code: str
    stage: str
    files: int
    gone: int  # of these files: deleted, moved, or replaced by other content since
    parts: int
    message: str  # of the example
    meaning: str
    advice: str
    example: FileRow


def key_of(signature: str) -> str:
    """Eight hex digits that name a signature, the same everywhere."""
    return hashlib.blake2s(signature.encode("utf-8", "backslashreplace"), digest_size=4).hexdigest()


def explained(catalogue: Catalogue, fingerprints: Mapping[str, str]) -> list[ExplainedProblem]:
    """All problems, the one with most files first.

    Args: fingerprints: media type → that of a result made now; without it nothing is called outdated.
    """
    problems = sorted(catalogue.problems(), key=lambda problem: (-problem.files, -problem.parts, problem.signature))
    return [_explain(problem, fingerprints) for problem in problems]


def find(catalogue: Catalogue, signature: str, fingerprints: Mapping[str, str]) -> ExplainedProblem:
    """The problem with this signature, or with this key. Args: as of `explained`.

    Raises: ConfigError: there is none.
    """
    for problem in explained(catalogue, fingerprints):
        if signature in (problem.key, problem.signature):
            return problem
    raise ConfigError(f"No failure has the signature {signature!r}; `kbray errors` lists those there are.")


def _explain(problem: Problem, fingerprints: Mapping[str, str]) -> ExplainedProblem:
    kind = all_codes().get(problem.code)
    return ExplainedProblem(
        key=key_of(problem.signature),
        signature=problem.signature,
        code=problem.code,
        stage=problem.stage,
        files=problem.files,
        gone=problem.gone,
        parts=problem.parts,
        message=problem.message,
        meaning=(kind.__doc__ or "").strip() if kind else "A failure that this version of kbray does not know.",
        advice=_advice(problem, fingerprints),
        example=problem.example,
    )


def _advice(problem: Problem, fingerprints: Mapping[str, str]) -> str:
    if problem.gone == problem.files:
        return "Nothing: what failed is no longer there."
    row = problem.example
    if row.fingerprint is not None and is_outdated(row.media_type, row.fingerprint, fingerprints):
        return "An older kbray or other settings read it: try it again first, by `kbray process --stale`."
    return explain(problem.code)
