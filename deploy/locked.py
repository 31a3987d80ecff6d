"""Check that requirements/*.txt pin every direct requirement by hash, and name no registry.

Whether newer releases exist is another question (`make lock`): this answers, without a network,
whether what is installed on a cabinet is exactly what was reviewed.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent / "requirements"
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)


def normal(name: str) -> str:
    """A distribution's name as the index compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def direct(path: Path) -> set[str]:
    """Names that a `.in` file asks for, those of the files it includes as well."""
    names: set[str] = set()
    for raw in path.read_text().splitlines():
        line = raw.split("#")[0].strip()
        if line.startswith("-r "):
            names |= direct(path.parent / line[3:].strip())
        elif line:
            names.add(normal(re.split(r"[\[;<>=~! ]", line)[0]))
    return names


def problems(path: Path) -> list[str]:
    """What is wrong with one pair of files, as sentences."""
    text = path.with_suffix(".txt").read_text()
    found = []
    pinned: dict[str, str] = {}
    matches = list(PIN.finditer(text))
    ends = [match.start() for match in matches[1:]] + [len(text)]
    for match, end in zip(matches, ends, strict=True):
        pinned[normal(match[1])] = match[2]
        if "--hash=sha256:" not in text[match.end() : end]:
            found.append(f"{path.stem}.txt: {match[1]} has no hash. Run `make lock`.")
    found += [
        f"{path.stem}.txt: {name} is asked for and not locked. Run `make lock`."
        for name in sorted(direct(path) - set(pinned))
    ]
    if "://" in text:
        found.append(f"{path.stem}.txt names an address; lock it with --no-emit-index-url.")
    return found


def main() -> int:
    """Print every problem; 0 when there is none."""
    found = [sentence for path in sorted(ROOT.glob("*.in")) for sentence in problems(path)]
    for sentence in found:
        print(sentence)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
