#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Types into a real bash and a real zsh, presses TAB, and looks at the line that comes of it.

  check_completion.py --bin FOLDER --scripts FOLDER

FOLDER of --bin holds dialin and the cmdlets' names; that of --scripts dialin.bash and _dialin. Ends with 1, and says
what was typed, what was expected and what came, if a line comes out otherwise.
"""
import argparse
import os
import pathlib
import pty
import select
import shutil
import subprocess
import sys
import tempfile

# What is typed before TAB, and the line that it becomes. A single match ends with a blank.
LINES = [
    ("dialin welc", "dialin welcome "),
    ("dialin config exa", "dialin config example "),
    ("dialin set-cspinsend", "dialin Set-CsPinSendCAWelcomeMail "),
    ("dialin SET-CSCLIENTP", "dialin Set-CsClientPin "),
    ("dialin help config ch", "dialin help config check "),
    ("dialin welcome --user-u", "dialin welcome --user-uri "),
    ("dialin welcome -useru", "dialin welcome -UserUri "),
    ("dialin welcome -UserUri bob@contoso.com -BodyAs", "dialin welcome -UserUri bob@contoso.com -BodyAsPlainText "),
    ("dialin status --output j", "dialin status --output json "),
    ("dialin status --output=j", "dialin status --output=json "),
    ("dialin status -Output:j", "dialin status -Output:json "),
    ("dialin welcome -Confirm:fa", "dialin welcome -Confirm:false "),
    ("dialin welcome -Language f", "dialin welcome -Language fr "),
    ("dialin number set tel:+1 -SecondaryLanguages en-US,pt-B",
     "dialin number set tel:+1 -SecondaryLanguages en-US,pt-BR "),
    ("dialin people import ./staf", "dialin people import ./staff.csv "),
    ("dialin welcome --csv ./staf", "dialin welcome --csv ./staff.csv "),
    ("Set-CsClientPin -Ident", "Set-CsClientPin -Identity "),
    ("set-csclientpin -ident", "set-csclientpin -Identity "),
    ("Get-CsClientPinInfo --pin-not", "Get-CsClientPinInfo --pin-not-set "),
    # Nothing fits, and a PIN is nothing to offer.
    ("dialin frobnic", "dialin frobnic"),
    ("dialin pin set -Pin ", "dialin pin set -Pin "),
]

BASH_SETUP = """PS1='> '
bind 'set bell-style none' 'set enable-bracketed-paste off' 2>/dev/null
source {scripts}/dialin.bash
show() {{ printf '%s' "$READLINE_LINE" > {pipe}; READLINE_LINE=; READLINE_POINT=0; }}
bind -x '"\\C-t": show'
"""
ZSH_SETUP = """PS1='> '
unsetopt beep prompt_cr prompt_sp
zmodload zsh/zle
fpath=({scripts} $fpath)
autoload -Uz compinit
compinit -D -u
show() {{ print -rn -- "$BUFFER" > {pipe}; BUFFER=; }}
zle -N show
bindkey -e
bindkey '^T' show
bindkey '^I' complete-word
"""

problems = []


class Shell:
    """An interactive shell on a terminal of its own."""

    def __init__(self, name, command, setup, folder, environment):
        self.name = name
        self.pipe = folder / f"{name}.pipe"
        os.mkfifo(self.pipe)
        setup_file = folder / f"{name}.setup"
        setup_file.write_text(setup.replace("{pipe}", str(self.pipe)), "utf-8")
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.chdir(folder)
            os.execvpe(command[0], command, environment)
        # The setup's last words are printed when it has been read: what is typed before that would be lost. They are
        # typed in two parts, so that the echo of the line is not taken for them.
        self.type(f". {setup_file}; printf 're''ady\\n'\n")
        self.wait_for(b"ready\r\n")

    def type(self, text):
        os.write(self.terminal, text.encode())

    def wait_for(self, text):
        seen = b""
        while text not in seen:
            if not select.select([self.terminal], [], [], 60)[0]:
                sys.exit(f"{self.name} does not answer; it said {seen!r}")
            seen += os.read(self.terminal, 65536)

    def completed(self, typed):
        """The line after TAB."""
        self.type(typed + "\t\x14")
        # Opening waits for the shell to open its end; what it prints meanwhile has to be taken from it.
        reader = subprocess.Popen(["cat", str(self.pipe)], stdout=subprocess.PIPE)
        while not select.select([reader.stdout], [], [], 0)[0]:
            ready, _, _ = select.select([self.terminal, reader.stdout], [], [], 60)
            if not ready:
                reader.kill()
                sys.exit(f"{self.name} does not show the line that '{typed}' became")
            if self.terminal in ready:
                os.read(self.terminal, 65536)
        line = reader.communicate()[0].decode()
        return line

    def end(self):
        os.close(self.terminal)  # the hang-up ends the shell
        os.waitpid(self.process, 0)


def check(shell):
    for typed, expected in LINES:
        line = shell.completed(typed)
        if line != expected:
            problems.append(f"{shell.name}: '{typed}' became '{line}', not '{expected}'")


def check_lists(folder, environment, scripts):
    """Several candidates at once, as bash's own function gives them."""
    script = f"""source {scripts}/dialin.bash
ask() {{ COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${{#COMP_LINE}}; _dialin
  printf '%s\\n' "${{COMPREPLY[@]}}"; echo --; }}
ask dialin people ''
ask dialin status --output ''
ask Set-CsClientPin -P
complete -p | grep -c _dialin
"""
    answer = subprocess.run(["bash", "--norc", "-c", script], capture_output=True, text=True, cwd=folder, env=environment,
                            timeout=60, check=False)
    parts = [part.split() for part in answer.stdout.split("--\n")]
    people, formats, names, count = parts
    if not {"add", "import", "list", "show", "set", "remove", "enable", "disable"} <= set(people):
        problems.append(f"bash: 'dialin people ' offers {people}")
    if formats != ["table", "list", "json", "csv"]:
        problems.append(f"bash: 'dialin status --output ' offers {formats}")
    if "-Pin" not in names or any(not name.startswith("-P") for name in names):
        problems.append(f"bash: 'Set-CsClientPin -P' offers {names}")
    cmdlets = subprocess.run(["dialin", "help", "--names"], capture_output=True, text=True, env=environment, timeout=60,
                             check=True).stdout.split()
    if int(count[0]) != 2 * len(cmdlets) + 1:
        problems.append(f"bash: completes {count[0]} names of commands, not dialin and {len(cmdlets)} cmdlets twice")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--scripts", required=True)
    arguments = parser.parse_args()
    missing = [name for name in ("bash", "zsh") if not shutil.which(name)]
    if missing:
        sys.exit(f"not installed: {', '.join(missing)} (script/install-packages test)")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "staff.csv").write_text("SipAddress\n", "utf-8")
        environment = {"PATH": arguments.bin + ":/usr/bin:/bin", "HOME": name, "TERM": "dumb", "LC_ALL": "C.UTF-8",
                       "ZDOTDIR": name}
        check_lists(folder, environment, arguments.scripts)
        for shell_name, command, setup in (("bash", ["bash", "--norc", "--noprofile", "-i"], BASH_SETUP),
                                           ("zsh", ["zsh", "-f", "-i"], ZSH_SETUP)):
            shell = Shell(shell_name, command, setup.replace("{scripts}", arguments.scripts).replace("{{", "{")
                          .replace("}}", "}"), folder, environment)
            check(shell)
            shell.end()
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
