"""`python -m evaluators.tasks.write_catalogue`: from the code to contract/catalogue.json, what the site knows of scoring."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from evaluators.contract.catalogue import CATALOGUE_PATH
from evaluators.contract.tasks import Catalogue
from evaluators.metrics import METRICS
from evaluators.tasks import KINDS

_PACKAGE = Path(__file__).resolve().parent.parent
#: folders whose code can change a score
SCORED_BY = ("contract", "metrics", "readers", "relaxometry", "scoring", "tasks")
#: parts of the contract that no score depends on: a word changed there must not send every result back for re-scoring
NOT_SCORED_BY = frozenset(
    f"contract/{name}.py"
    for name in (
        "api",
        "boards",
        "cards",
        "challenge_files",
        "charts",
        "docker_line",
        "dry_runs",
        "jobs",
        "limits",
        "pseudonyms",
        "rescores",
        "states",
        "version",
    )
)


def scorer_hash(package: Path = _PACKAGE) -> str:
    """SHA-256 over path and content of every .py file of SCORED_BY but NOT_SCORED_BY below `package`, in sorted order: the scorer's version."""
    digest = hashlib.sha256()
    files = sorted(file for folder in SCORED_BY for file in (package / folder).rglob("*.py"))
    for path in sorted({file.relative_to(package).as_posix() for file in files} - NOT_SCORED_BY):
        content = (package / path).read_bytes()
        # lengths go in too: no two trees of files have the same stream
        digest.update(f"{path}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def build_catalogue() -> Catalogue:
    """The catalogue of the code as it stands."""
    return Catalogue(
        scorer=scorer_hash(),
        metrics={key: METRICS[key].spec for key in sorted(METRICS)},
        kinds={key: KINDS[key].offer for key in sorted(KINDS)},
    )


def catalogue_text() -> str:
    """What the committed file must hold."""
    return build_catalogue().model_dump_json(indent=2) + "\n"


def main() -> int:
    """Write the file; say whether anything changed."""
    text = catalogue_text()
    same = CATALOGUE_PATH.exists() and CATALOGUE_PATH.read_text(encoding="utf-8") == text
    CATALOGUE_PATH.write_text(text, encoding="utf-8")
    sys.stderr.write(f"{CATALOGUE_PATH.name}: {'unchanged' if same else 'written'}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
