#!/usr/bin/env python3
"""check_test - tools/check catches a planted breach of each of its rules, and passes a clean house"""
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CHECK = ROOT / "tools" / "check"

CLEAN = """/*
 * oak.c - a clean file
 */
#include "base/oak.h"

int ji_oak(int rings)
{
    return rings + 1;
}
"""
CLEAN_HEADER = """/*
 * oak.h - a clean header
 */
#ifndef JI_OAK_H
#define JI_OAK_H

int ji_oak(int rings);

#endif
"""


class House(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = Path(self.folder.name)
        (self.root / ".clang-format").write_text((ROOT / ".clang-format").read_text())
        self.write("src/base/oak.c", CLEAN)
        self.write("src/base/oak.h", CLEAN_HEADER)
        self.write("src/base/README.md", "# base\n")

    def tearDown(self):
        self.folder.cleanup()

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def source(self, name, body, include='#include "base/oak.h"\n'):
        return f"/*\n * {name} - planted\n */\n{include}\n{body}"

    def check(self, build=None):
        arguments = [sys.executable, str(CHECK), "--root", str(self.root)] + ([str(build)] if build else [])
        done = subprocess.run(arguments, capture_output=True, text=True)
        return done.returncode, done.stdout

    def assert_breach(self, rule, word, build=None):
        code, out = self.check(build)
        self.assertEqual(code, 1, out)
        self.assertTrue(any(f" {rule}: " in line and word in line for line in out.splitlines()), out)

    def compile(self, layer, name, body):
        path = f"src/{layer}/{name}"
        self.write(path, self.source(name, body, ""))
        build = self.root / "build"
        out = build / "CMakeFiles" / f"joist_{layer}.dir" / f"{path}.o"
        out.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["gcc", "-O2", "-c", "-fno-builtin", "-o", str(out), str(self.root / path)], check=True)
        return build

    def test_clean_house_passes(self):
        code, out = self.check()
        self.assertEqual(code, 0, out)

    def test_include_upwards(self):
        self.write("src/arrow/elm.h", CLEAN_HEADER.replace("oak", "elm").replace("OAK", "ELM"))
        self.write("src/base/ash.c", self.source("ash.c", "", '#include "arrow/elm.h"\n'))
        self.assert_breach("layer", "base may not include arrow")

    def test_include_sideways(self):
        self.write("src/codec/elm.h", CLEAN_HEADER.replace("oak", "elm").replace("OAK", "ELM"))
        self.write("src/wire/ash.c", self.source("ash.c", "", '#include "codec/elm.h"\n'))
        self.assert_breach("layer", "wire may not include codec")

    def test_wing_sideways(self):
        self.write("src/parquet/read/elm.h", CLEAN_HEADER.replace("oak", "elm").replace("OAK", "ELM"))
        self.write("src/parquet/write/ash.c", self.source("ash.c", "", '#include "parquet/read/elm.h"\n'))
        self.assert_breach("wing", "parquet/write may not include parquet/read")

    def test_command_includes_an_inner_header(self):
        self.write("cli/ash.c", self.source("ash.c", ""))
        self.assert_breach("layer", "the command includes")

    def test_long_function(self):
        body = "int ji_long(int a)\n{\n" + "    a++;\n" * 80 + "    return a;\n}\n"
        self.write("src/base/ash.c", self.source("ash.c", body))
        self.assert_breach("function", "lines, at most 70")

    def test_many_parameters(self):
        names = ", ".join(f"int {letter}" for letter in "abcdefgh")
        self.write("src/base/ash.c", self.source("ash.c", f"int ji_many({names})\n{{\n    return a;\n}}\n"))
        self.assert_breach("function", "8 parameters")

    def test_deep_nesting(self):
        body = "int ji_deep(int a)\n{\n" + "".join("    " * i + "    if (a) {\n" for i in range(5))
        body += "".join("    " * i + "    }\n" for i in reversed(range(5))) + "    return a;\n}\n"
        self.write("src/base/ash.c", self.source("ash.c", body))
        self.assert_breach("function", "nests 5 levels")

    def test_long_file(self):
        self.write("src/base/ash.c", self.source("ash.c", "int ji_x;\n" * 1001))
        self.assert_breach("file", "lines, at most 1000")

    def test_long_line(self):
        self.write("src/base/ash.c", self.source("ash.c", "/* " + "x" * 120 + " */\n"))
        self.assert_breach("line", "columns")

    def test_missing_head(self):
        self.write("src/base/ash.c", "int ji_ash;\n")
        self.assert_breach("file", "does not begin with a comment")

    def test_same_name_twice(self):
        self.write("src/wire/oak.c", CLEAN)
        self.assert_breach("file", "the name is taken")

    def test_unfinished_word(self):
        self.write("src/base/ash.c", self.source("ash.c", "/* TO" "DO: later */\n"))
        self.assert_breach("word", "unfinished")

    def test_typedef_of_a_struct(self):
        self.write("src/base/ash.c", self.source("ash.c", "typedef struct ash ash;\n"))
        self.assert_breach("typedef", "keep their keyword")

    def test_printf_of_a_double(self):
        body = 'void ji_say(double x)\n{\n    snprintf(0, 0, "%.2f", x);\n}\n'
        self.write("src/base/ash.c", self.source("ash.c", body))
        self.assert_breach("double", "real_text")

    def test_line_comment(self):
        self.write("src/base/ash.c", self.source("ash.c", "int ji_x; // no\n"))
        self.assert_breach("comment", "/* */")

    def test_missing_readme(self):
        (self.root / "src/base/README.md").unlink()
        self.assert_breach("readme", "no README.md")

    def test_generated_file_that_differs(self):
        self.write("src/base/ash_gen.c", self.source("ash_gen.c", ""))
        self.write("tools/gen_ash.py", "print('something else')\n")
        self.assert_breach("generated", "differs")

    def test_format(self):
        self.write("src/base/ash.c", self.source("ash.c", "int  ji_x ( void ) ;\n"))
        self.assert_breach("format", "clang-format")

    def test_mutable_global(self):
        self.assert_breach("global", "no mutable globals", self.compile("base", "ash.c", "int ji_counter = 3;\n"))

    def test_malloc_outside_its_door(self):
        body = "void *malloc(unsigned long);\nvoid *ji_ash(void)\n{\n    return malloc(3);\n}\n"
        self.assert_breach("malloc", "calls malloc", self.compile("base", "ash.c", body))

    def test_banned_call(self):
        body = "char *getenv(const char *);\nchar *ji_ash(void)\n{\n    return getenv(\"HOME\");\n}\n"
        self.assert_breach("banned", "calls getenv", self.compile("base", "ash.c", body))

    def test_library_in_the_wrong_layer(self):
        body = "unsigned ZSTD_versionNumber(void);\nunsigned ji_ash(void)\n{\n    return ZSTD_versionNumber();\n}\n"
        self.assert_breach("library", "wire calls ZSTD_versionNumber", self.compile("wire", "ash.c", body))

    def test_symbol_of_a_higher_layer(self):
        self.compile("table", "elm.c", "int ji_table_oak(void)\n{\n    return 1;\n}\n")
        body = "int ji_table_oak(void);\nint ji_ash(void)\n{\n    return ji_table_oak();\n}\n"
        self.assert_breach("symbol", "base uses ji_table_oak", self.compile("base", "ash.c", body))

    def test_name_without_prefix(self):
        self.assert_breach("name", "ash_open", self.compile("base", "ash.c", "void ash_open(void)\n{\n}\n"))


if __name__ == "__main__":
    unittest.main()
