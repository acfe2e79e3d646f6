#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the manual pages against the program, and has groff and mandoc read them.

  check_manual.py --program DIALIN --manual FOLDER     FOLDER holds man1 and man5

Prints everything that is wrong, one line each, and ends with 1 if there is anything.
"""
import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys

from check_docs import Program, declared_settings

problems = []


def check_complete(program, manual):
    """A page for every command, under its cmdlet's name too; every setting in dialin.toml(5)."""
    verbs = program.verbs()
    for verb in verbs:
        page = manual / "man1" / f"dialin-{verb.replace(' ', '-')}.1"
        if not page.exists():
            problems.append(f"dialin {verb} has no manual page")
    for cmdlet in program.cmdlets():
        page = manual / "man1" / f"{cmdlet}.1"
        target = page.read_text("utf-8").split() if page.exists() else []
        if target[:1] != [".so"] or not (manual / target[1]).exists():
            problems.append(f"{cmdlet} names no manual page")
    overview = (manual / "man1" / "dialin.1").read_text("utf-8")
    for verb in verbs:
        if f"\\fB{verb}".replace("-", "\\-") not in overview:
            problems.append(f"dialin(1) does not name {verb}")
    settings = (manual / "man5" / "dialin.toml.5").read_text("utf-8")
    for _, key, _, _, _ in declared_settings():
        if f"\\fB{key}\\fR" not in settings:
            problems.append(f"dialin.toml(5) does not name {key}")
    pages = len(list((manual / "man1").iterdir()))
    if pages != 1 + len(verbs) + len(program.cmdlets()):
        problems.append(f"{pages} pages in man1 for {len(verbs)} commands and {len(program.cmdlets())} cmdlets")


def check_rendering(manual):
    environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"}
    pages = [page for page in sorted(manual.rglob("*.[15]")) if not page.read_text("utf-8").startswith(".so")]
    for command in (["groff", "-ww", "-z", "-Tutf8", "-man"], ["mandoc", "-Tlint", "-Wwarning"]):
        for page in pages:
            run = subprocess.run([*command, str(page)], capture_output=True, text=True, env=environment, timeout=60,
                                 check=False)
            for line in (run.stdout + run.stderr).splitlines()[:3]:
                problems.append(f"{command[0]}: {line}")
    # What a reader sees, by the cmdlet's name.
    seen = subprocess.run(["mandoc", "-Tutf8", "man1/Set-CsClientPin.1"], capture_output=True, text=True, cwd=manual,
                          env=environment, timeout=60, check=False).stdout
    text = re.sub(".\b", "", seen)  # what is struck over for bold and underlined
    for word in ("SYNOPSIS", "EXIT STATUS", "SEE ALSO"):
        if word not in text:
            problems.append(f"the page of Set-CsClientPin shows no {word}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--manual", required=True)
    arguments = parser.parse_args()
    missing = [name for name in ("groff", "mandoc") if not shutil.which(name)]
    if missing:
        sys.exit(f"not installed: {', '.join(missing)} (script/install-packages test)")
    manual = pathlib.Path(arguments.manual)
    check_complete(Program(arguments.program), manual)
    check_rendering(manual)
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
