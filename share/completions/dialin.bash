# SPDX-License-Identifier: Apache-2.0
# bash completion for dialin and the cmdlets' names. The program itself answers (`dialin complete`), so nothing is
# said twice. Installed, bash-completion loads it by itself; from the source: source share/completions/dialin.bash

_dialin() {
  # bash parts words at = and : as well; the program has to see them whole.
  local -a words=()
  local rest=${COMP_LINE:0:COMP_POINT} part i
  for ((i = 0; i <= COMP_CWORD; ++i)); do
    part=${COMP_WORDS[i]}
    local blanks=${rest%%[![:space:]]*}
    rest=${rest:${#blanks}}
    ((i < COMP_CWORD)) || part=$rest
    if ((i == 0)) || [[ -n $blanks ]]; then words+=("$part"); else words[-1]+=$part; fi
    rest=${rest:${#part}}
  done

  # The program beside the link that was typed, or the one in PATH.
  local program
  program=$(type -P -- "${words[0]}")
  program=${program%/*}/dialin
  [[ -x $program ]] || program=dialin

  # What bash replaces begins behind the last = or :.
  local kept=${words[-1]%"$part"}
  [[ $part == [=:] ]] && kept=${words[-1]}
  COMPREPLY=()
  # The words go by a pipe and not as arguments, which everybody can read: a PIN may be among them.
  local line files=
  while IFS= read -r line; do
    if [[ $line == $'\t'files ]]; then
      files=yes
    else
      line=${line%%$'\t'*}
      COMPREPLY+=("${line#"$kept"}")
    fi
  done < <(printf '%s\0' "${words[@]}" | "$program" complete 2>/dev/null)
  if [[ -n $files ]]; then
    compopt -o filenames 2>/dev/null
    local IFS=$'\n'
    COMPREPLY+=($(compgen -f -- "${words[-1]#"$kept"}"))
  fi
}

complete -F _dialin dialin $(dialin help --names 2>/dev/null | sed 'p; s/.*/\L&/')
