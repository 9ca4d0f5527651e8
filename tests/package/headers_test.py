"""headers_test.py PREFIX CXX [FLAG..]: what an installation's headers promise, it keeps.

Of every header under PREFIX/include, read alone as C++20 (c_api.h as C99 too):
* it compiles;
* each function, method and variable that it declares and does not define is defined by a library under PREFIX/lib;
* each file that a comment names is installed: a header beside it or under its path, or a text under PREFIX/share/doc.

libclang reads the headers (it is no other compiler's front end than clang's, so it also judges that they are portable), nm
the libraries. FLAGs are for libraries that the headers need.
"""

import re
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from clang.cindex import AccessSpecifier, CursorKind, Diagnostic, Index, LinkageKind, TranslationUnit

SCOPES = {CursorKind.NAMESPACE, CursorKind.STRUCT_DECL, CursorKind.CLASS_DECL, CursorKind.LINKAGE_SPEC,
          CursorKind.UNEXPOSED_DECL}
FUNCTIONS = {CursorKind.FUNCTION_DECL, CursorKind.CXX_METHOD, CursorKind.CONSTRUCTOR, CursorKind.DESTRUCTOR,
             CursorKind.CONVERSION_FUNCTION}


def qualified(cursor):
    names = []
    while cursor is not None and cursor.kind != CursorKind.TRANSLATION_UNIT:
        if cursor.spelling:
            names.append(cursor.spelling)
        cursor = cursor.semantic_parent
    return "::".join(reversed(names))


def has_body(cursor, text):
    """Whether a function's body follows its head (the parser is told to read over bodies)."""
    depth = 0
    for byte in text[cursor.extent.start.offset:]:
        depth += {"(": 1, ")": -1}.get(chr(byte), 0)
        if depth == 0 and chr(byte) in ";{":
            return chr(byte) == "{"
    return False


def promised(cursor, header, text):
    """(where, name, symbols one of which must exist) of what the header leaves to a library. For a template the symbol
    is the beginning of a demangled name."""
    for child in cursor.get_children():
        if child.location.file is None or child.location.file.name != header:
            continue
        if child.kind in SCOPES:
            yield from promised(child, header, text)
            continue
        if child.get_definition() is not None or child.access_specifier == AccessSpecifier.PRIVATE:
            continue
        if child.kind in FUNCTIONS | {CursorKind.FUNCTION_TEMPLATE} and has_body(child, text):
            continue
        where = f"{child.location.line}: {qualified(child)}"
        if child.kind in FUNCTIONS:
            tokens = [token.spelling for token in child.get_tokens()]
            if child.is_pure_virtual_method() or child.is_deleted_method() or tokens[-2:] == ["=", "default"]:
                continue
            # Constructors and destructors have several names; a library defines what is called.
            name = child.mangled_name
            yield where, {name, name.replace("C1E", "C2E"), name.replace("D1E", "D2E")}, None
        elif child.kind == CursorKind.FUNCTION_TEMPLATE:
            yield where, None, qualified(child)
        elif child.kind == CursorKind.VAR_DECL and child.linkage == LinkageKind.EXTERNAL:
            yield where, {child.mangled_name}, None


def read(task):
    """Errors and promises of one header."""
    header, arguments = task
    options = TranslationUnit.PARSE_SKIP_FUNCTION_BODIES
    unit = Index.create().parse(header, args=arguments, options=options)
    # What a library's own header says to another compiler than its own is no matter of ours; that it is there, is.
    errors = [f"{d.location.line}: {d.spelling}" for d in unit.diagnostics if d.severity >= Diagnostic.Fatal or
              d.severity == Diagnostic.Error and d.location.file and d.location.file.name == header]
    return header, errors, list(promised(unit.cursor, header, Path(header).read_bytes()))


def defined(prefix):
    """Mangled names, and demangled ones up to their template arguments, of the libraries' global symbols."""
    names, templates = set(), set()
    for library in sorted((prefix / "lib").glob("*.a")):
        run = lambda *flags: subprocess.run(["nm", "--defined-only", "--extern-only", "--format=posix", *flags, library],
                                            capture_output=True, text=True, check=True).stdout
        names |= {line.split()[0] for line in run().splitlines() if line and not line.endswith(":")}
        templates |= set(re.findall(r"([A-Za-z_][\w:]*)<", run("--demangle")))
    return names, templates


def cited(header):
    """Files that the header's comments name."""
    for number, line in enumerate(Path(header).read_text().splitlines(), 1):
        comment = re.search(r"(//|/\*|^ \*)(.*)", line)
        if comment:
            for name in re.findall(r"(?<![\w/.-])[\w/.-]*\w\.(?:h|cc|c|md|cmake|py)\b|CMakeLists\.txt", comment[2]):
                yield number, name


def main():
    prefix, compiler, *flags = sys.argv[1:]
    prefix = Path(prefix)
    search = subprocess.run([compiler, "-E", "-v", "-x", "c++", "/dev/null"], capture_output=True, text=True).stderr
    system = re.search(r"#include <\.\.\.> search starts here:\n(.*?)End of search list", search, re.S)[1].split()
    # A package may name a folder of the compiler's own; before the C++ library's it would hide what that goes on to.
    own = {f"{option}{folder}" for folder in system for option in ("-I", "-isystem")}
    folders = [flag for flag in flags if flag not in own] + [f"-isystem{folder}" for folder in system]
    headers = sorted(map(str, (prefix / "include").rglob("*.h")))
    if not headers:
        sys.exit(f"no headers under {prefix}/include")
    cpp = ["-x", "c++-header", "-std=c++20", "-nostdinc", "-nostdinc++", f"-I{prefix}/include", *folders]
    c = ["-x", "c-header", "-std=c99", "-pedantic-errors", "-nostdinc", f"-I{prefix}/include",
         *(f"-isystem{folder}" for folder in system if "c++" not in folder)]
    tasks = [(header, cpp) for header in headers] + [(h, c) for h in headers if h.endswith("c_api.h")]
    names, templates = defined(prefix)
    texts = [str(p) for p in [*prefix.rglob("*.md"), *(Path(h) for h in headers)]]
    wrong, promises = [], 0
    with ProcessPoolExecutor(2) as pool:
        for header, errors, declarations in pool.map(read, tasks):
            short = header.removeprefix(f"{prefix}/include/")
            wrong += [f"{short}:{error}" for error in errors]
            for where, symbols, template in declarations:
                promises += 1
                if symbols.isdisjoint(names) if symbols else template not in templates:
                    wrong.append(f"{short}:{where} is declared, and defined by no installed library")
    for header in headers:
        short = header.removeprefix(f"{prefix}/include/")
        for line, name in cited(header):
            if not any(text.endswith("/" + name) for text in texts):
                wrong.append(f"{short}:{line}: cites {name}, which is not installed")
    print("\n".join(wrong))
    print(f"{len(headers)} headers, {promises} declarations, {len(wrong)} faults")
    if promises < 100:
        sys.exit("too few declarations were found for the check to mean anything")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
