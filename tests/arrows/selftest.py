#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""check.py finds what it is for, in small trees made for it."""
import tempfile
from pathlib import Path

from check import complaints

standing = {"core/a.hpp", "ir/a.hpp", "passes/a.hpp", "grad/a.hpp", "backend/cpu/a.hpp", "containers/a.hpp",
            "function/a.hpp", "nn/a.hpp", "linalg/a.hpp", "agnesi.hpp"}


def verdict(header, text):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name in standing | {header}:
            path = root / "agnesi" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text if name == header else "")
        return "\n".join(complaints(root))


def accepts(header, text):
    assert not verdict(header, text), verdict(header, text)


def refuses(header, text, because):
    assert because in verdict(header, text), (header, text, verdict(header, text))


accepts("ir/b.hpp", "#include <vector>\n#include <agnesi/core/a.hpp>\n#include <agnesi/ir/a.hpp>\n")
accepts("ir/b.hpp", '#include "a.hpp"\n#include "../core/a.hpp"\n')
accepts("ir/b.hpp", "// #include <agnesi/nn/a.hpp>\n/*\n#include <agnesi/agnesi.hpp>\n*/\n")
accepts("passes/b.hpp", "#include <agnesi/grad/a.hpp>\n")
accepts("function/b.hpp", "#include <agnesi/containers/a.hpp>\n")
accepts("nn/b.hpp", "#include <agnesi/function/a.hpp>\n#include <agnesi/backend/cpu/a.hpp>\n")
accepts("agnesi.hpp", "#include <agnesi/nn/a.hpp>\n")

refuses("core/b.hpp", "\n#include <agnesi/ir/a.hpp>\n", "core/b.hpp:2: #include <agnesi/ir/a.hpp>")
refuses("core/b.hpp", '# include "../ir/a.hpp"\n', "core includes only core")
refuses("grad/b.hpp", "#include <agnesi/passes/a.hpp>\n", "grad includes only")
refuses("containers/b.hpp", "#include <agnesi/ir/a.hpp>\n", "containers includes only containers, core")
refuses("containers/b.hpp", "#include <agnesi/function/a.hpp>\n", "containers includes only")
refuses("nn/b.hpp", "#include <agnesi/linalg/a.hpp>\n", "nn includes only")
refuses("nn/b.hpp", "#include <agnesi/agnesi.hpp>\n", "nn includes only")
refuses("nn/b.hpp", "#include <agnesi/ir/none.hpp>\n", "there is no agnesi/ir/none.hpp")
refuses("misc/b.hpp", "", "the folder misc has no place in the order")
print("the check of the arrows finds what it is for")
