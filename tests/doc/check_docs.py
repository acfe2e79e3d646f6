#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds README.md, CONTRIBUTING.md and doc/ against the source and the program.

  check_docs.py                       links and named files, settings, tags, folders, decisions
  check_docs.py --program DIALIN      also: doc/commands.md is the program's help, and every command, parameter and
                                      exit code that the documents write exists
  check_docs.py --program DIALIN --write-commands FILE
                                      writes the command reference instead

Prints everything that is wrong, one line each, and ends with 1 if there is anything.
"""
import argparse
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md"] + sorted((ROOT / "doc").rglob("*.md"))
REFERENCE_WIDTH = 80  # of help that does not go to a terminal

problems = []


def wrong(document, what):
    problems.append(f"{document.relative_to(ROOT)}: {what}")


# ---- links and files ---------------------------------------------------------------------------------------------

def heading_anchors(text):
    """The anchors that Markdown viewers make of headings."""
    anchors = set()
    for line in re.findall(r"^#+ +(.*)$", text, re.M):
        words = re.sub(r"[^\w\- ]", "", line.lower())
        anchors.add(words.replace(" ", "-"))
    return anchors


def check_links(document, text):
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (document.parent / path).resolve() if path else document
        if not file.exists():
            wrong(document, f"links to {target}, which does not exist")
        elif anchor and file.suffix == ".md" and anchor not in heading_anchors(file.read_text("utf-8")):
            wrong(document, f"links to {target}, and {file.name} has no such heading")


# Folders of the source whose files a document may name between backquotes, with or without a glob.
NAMED_FILE = re.compile(r"`((?:src|script|tests|share|examples|doc|bench|cmake)/[\w./*-]*)")


def check_named_files(document, text):
    for name in NAMED_FILE.findall(text):
        if not list(ROOT.glob(name.rstrip("/."))):
            wrong(document, f"names {name}, which does not exist")


# ---- what the source declares ------------------------------------------------------------------------------------

def declared_settings():
    """(section, key, default, sentence, refused) of every row of the settings table; `refused`: it waits for
    something that comes later."""
    text = (ROOT / "src/config/setting_table.cc").read_text("utf-8")
    waits = re.findall(r"constexpr std::string_view (k\w+) =", text)
    row = re.compile(r'\{\s*"(\w+)",\s*"(\w+)",\s*Kind::\w+,\s*"([^"]*)",\s*((?:"(?:[^"\\]|\\.)*"\s*)+),')
    rows = list(row.finditer(text))
    for match, after in zip(rows, rows[1:] + [None]):
        section, key, default, sentence = match.groups()
        pieces = re.findall(r'"((?:[^"\\]|\\.)*)"', sentence)
        rest = text[match.end():after.start() if after else len(text)]
        refused = any(re.search(rf"\b{name}\}}", rest) for name in waits)
        yield section, key, default, "".join(pieces).replace('\\"', '"'), refused


def check_settings():
    document = ROOT / "doc/operations.md"
    text = document.read_text("utf-8")
    sections = {}
    for part in re.split(r"^### \[", text, flags=re.M)[1:]:
        name, _, body = part.partition("]")
        sections[name] = body
    count = 0
    said_to_wait = re.search(r"^\*\*Refused in this version.*?\n\n", text, re.M | re.S)
    waiting = set(re.findall(r"`(\w+\.\w+)`", said_to_wait[0] if said_to_wait else ""))
    for section, key, default, sentence, refused in declared_settings():
        count += 1
        if refused != (f"{section}.{key}" in waiting):
            wrong(document, f"{section}.{key} is {'' if refused else 'not '}refused in this version")
        shown = f"`{default}`" if default else "not set"
        if f"| `{key}` | {shown} | {sentence} |" not in sections.get(section, ""):
            wrong(document, f"the setting {section}.{key} is missing, or its default or sentence has changed: "
                            f"| `{key}` | {shown} | {sentence} |")
    if count < 20:
        wrong(document, f"only {count} settings were found in src/config/setting_table.cc: has its form changed?")


def check_tags():
    document = ROOT / "doc/template.md"
    if not document.exists():
        wrong(document, "does not exist")
        return
    text = document.read_text("utf-8")
    table = (ROOT / "src/mail/template_tag.cc").read_text("utf-8")
    names = set(re.findall(r'\{Tag::\w+,\s*"([A-Z_]+)"', table))
    if len(names) < 20:
        wrong(document, f"only {len(names)} tags were found in src/mail/template_tag.cc: has its form changed?")
    documented = set(re.findall(r"\b[A-Z][A-Z_]+[A-Z]\b", text))
    for name in sorted(names - documented):
        wrong(document, f"the tag {name} is missing")
    for name in sorted(set(re.findall(r"\{\{[#/]?([A-Z_]+)\}\}", text)) - names - {"TAG", "NAME"}):
        wrong(document, f"{{{{{name}}}}} is no tag")


def check_folders():
    document = ROOT / "doc/architecture.md"
    declared = {}
    for line in (ROOT / "script/folders.list").read_text("utf-8").splitlines():
        match = re.match(r"folder (\S+):\s*([^|]*)\|", line)
        if match:
            declared[match[1]] = match[2].split()
    shown = {name: rooms.split()
             for name, rooms in re.findall(r"^\| `([\w./]+)` \|[^|]*\|([^|]*)\|$", document.read_text("utf-8"), re.M)
             if name in declared}
    for name, rooms in declared.items():
        if name not in shown:
            wrong(document, f"the folder {name} is missing from the table")
        elif shown[name] != rooms:
            wrong(document, f"{name} may include {' '.join(rooms) or 'nothing'}, not {' '.join(shown[name])}")


def check_decisions():
    folder = ROOT / "doc/decisions"
    index = (folder / "README.md").read_text("utf-8")
    numbers = {}
    for page in sorted(folder.glob("[0-9]*.md")):
        number = page.name[:4]
        if number in numbers:
            wrong(page, f"has the number of {numbers[number]}")
        numbers[number] = page.name
        if page.name not in index:
            wrong(folder / "README.md", f"{page.name} is missing from the list")
        if not page.read_text("utf-8").startswith(f"# {number} "):
            wrong(page, f"does not begin with '# {number} '")


# ---- what the program says ---------------------------------------------------------------------------------------

class Program:
    def __init__(self, path):
        self.path = path

    def says(self, *words):
        # Nothing of the caller's own settings counts, nor a terminal's width.
        environment = {"PATH": os.environ.get("PATH", ""), "HOME": "/nonexistent", "LC_ALL": "C.UTF-8"}
        run = subprocess.run([self.path, *words], capture_output=True, text=True, env=environment,
                             stdin=subprocess.DEVNULL, timeout=60, check=False)
        if run.returncode != 0:
            sys.exit(f"{self.path} {' '.join(words)} ended with {run.returncode}: {run.stderr}")
        return run.stdout

    def verbs(self):
        """Every native verb, in the order of the overview: lines 'verb  summary' below a group's heading."""
        return [line[2:].split("  ")[0].strip() for line in self.says("help").splitlines()
                if re.match(r"  [a-z]", line)]

    def cmdlets(self):
        return self.says("help", "--names").split()


def command_reference(program):
    text = ["# Commands", "",
            "The help of every command, as `dialin help COMMAND` prints it. Written by",
            "`script/generate-command-reference`; not to be edited.", "",
            "```", program.says("help").rstrip(), "```", ""]
    for verb in program.verbs():
        text += [f"## {verb}", "", "```", program.says("help", *verb.split()).rstrip(), "```", ""]
    return "\n".join(text)


def check_command_reference(program):
    document = ROOT / "doc/commands.md"
    if not document.exists() or document.read_text("utf-8") != command_reference(program):
        wrong(document, "is not what the program's help says: run script/generate-command-reference")


def check_written_commands(program, document, text):
    """Every `dialin VERB` and cmdlet, and every long option behind one, in code of a document."""
    verbs = set(program.verbs())
    first_words = {verb.split()[0] for verb in verbs}
    cmdlets = {name.lower() for name in program.cmdlets()}
    code = re.findall(r"`([^`\n]+)`", text) + re.findall(r"^(?:    |\t)(.*)$", text, re.M)
    for line in code:
        for match in re.finditer(r"(?:^|[\s;|&(\"$])dialin ([a-z][a-z-]*)(?: ([a-z][a-z-]*))?([^|;&#]*)", line):
            first, second, rest = match.groups()
            verb = f"{first} {second}" if f"{first} {second}" in verbs else first
            if first == "help" or first == "deliver" and verb in verbs and not rest.strip():
                continue
            if verb not in verbs:
                if first in first_words or re.search(r"(^|[\s$])dialin", line):
                    wrong(document, f"'dialin {first}{' ' + second if second else ''}' is no command")
                continue
            help_text = program.says("help", *verb.split())
            for option in re.findall(r"(?<!\S)(--[a-z][a-z-]*)", rest):
                if option + " " not in help_text + " " and option + "\n" not in help_text and option + "," not in help_text:
                    wrong(document, f"'dialin {verb}' has no {option}")
        for name in re.findall(r"\b((?:[Ss]et|[Gg]et|[Ll]ock|[Uu]nlock|[Tt]est|[Nn]ew|[Gg]rant|[Rr]emove)-[Cc]s\w+)", line):
            if name.lower() not in cmdlets:
                wrong(document, f"{name} is no cmdlet")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program")
    parser.add_argument("--write-commands")
    arguments = parser.parse_args()
    program = Program(arguments.program) if arguments.program else None
    if arguments.write_commands:
        pathlib.Path(arguments.write_commands).write_text(command_reference(program), "utf-8")
        return 0
    for document in DOCUMENTS:
        text = document.read_text("utf-8")
        check_links(document, text)
        check_named_files(document, text)
        if program and document.name != "commands.md":
            check_written_commands(program, document, text)
    check_settings()
    check_tags()
    check_folders()
    check_decisions()
    if program:
        check_command_reference(program)
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
