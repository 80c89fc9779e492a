#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Fails on an include that goes against the order of the folders.

    check.py include

A folder of include/agnesi includes only itself and what is left of it in `order`. The folders of one
step do not include each other, apart from `also`; `only` gives a folder less than all that is left of it.
The headers that stand in include/agnesi itself, above all agnesi.hpp, include what they like, and
no folder includes them.
"""
import posixpath
import re
import sys
from pathlib import Path

order = [["core"], ["ir"], ["expr"], ["ops"], ["rewrite"], ["passes", "grad"], ["backend"],
         ["containers", "function"], ["linalg", "nn", "random", "sparse", "scan", "io"]]
also = {"passes": {"grad"}, "function": {"containers"}}
only = {"containers": {"core"}}

as_text = " -> ".join(step[0] if len(step) == 1 else "{" + ", ".join(step) + "}" for step in order)


def allowed():
    """What each folder may include, itself among it."""
    result, left = {}, set()
    for step in order:
        for folder in step:
            result[folder] = only.get(folder, left | also.get(folder, set())) | {folder}
        left = left | set(step)
    return result


def without_comments(text):
    """The text with comments blanked, lines kept."""
    return re.sub(r"/\*.*?\*/|//[^\n]*", lambda m: "\n" * m.group().count("\n"), text, flags=re.S)


def includes(root, header):
    """(line number, line, header below root, or None where it is not one of ours) of each include."""
    here = posixpath.dirname(header)
    text = (root / header).read_text()
    lines = text.splitlines()
    for number, line in enumerate(without_comments(text).splitlines(), 1):
        found = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
        if not found:
            continue
        quote, name = found.groups()
        near = posixpath.normpath(posixpath.join(here, name))
        if quote == '"' and (root / near).is_file():
            yield number, lines[number - 1], near
        elif name.startswith("agnesi/"):
            yield number, lines[number - 1], posixpath.normpath(name)
        elif quote == '"':
            yield number, lines[number - 1], near
        else:
            yield number, lines[number - 1], None


def folder_of(header):
    """The folder of agnesi/FOLDER/...; empty for a header that stands in agnesi itself."""
    parts = header.split("/")
    return parts[1] if len(parts) > 2 else ""


def complaints(root):
    may, result = allowed(), []
    for path in sorted(root.glob("agnesi/**/*.hpp")):
        header = path.relative_to(root).as_posix()
        folder = folder_of(header)
        if folder and folder not in may:
            result.append(f"{header}: the folder {folder} has no place in the order\n  {as_text}")
            continue
        for number, line, target in includes(root, header):
            if target is None:
                continue
            where = f"{header}:{number}: {line.strip()}\n  "
            if not (root / target).is_file():
                result.append(f"{where}there is no {target}")
            elif folder and folder_of(target) not in may[folder]:
                result.append(f"{where}{folder} includes only {', '.join(sorted(may[folder]))}; the order is\n  {as_text}")
    return result


if __name__ == "__main__":
    found = complaints(Path(sys.argv[1]))
    for complaint in found:
        print(complaint)
    print(f"{len(found)} includes against the order" if found else "every include follows the order")
    sys.exit(bool(found))
