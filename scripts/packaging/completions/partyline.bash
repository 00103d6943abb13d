# shellcheck shell=bash
#
# Completion of partyline's command line in bash. The options, and what they take, are read from
# `partyline --help` of the program that is being called, so there is nothing to be added here for a new one.

# _partyline_help PROGRAM: of each option a line "OPTION ARGUMENT", without ARGUMENT if it takes none.
_partyline_help() {
    local line row='^  (-.|  ),? +(--[a-z0-9-]+)( ([^ a-z][^ ]*))? '
    while IFS= read -r line; do
        [[ $line =~ $row ]] || continue
        [ "${BASH_REMATCH[1]}" = '  ' ] || printf '%s %s\n' "${BASH_REMATCH[1]}" "${BASH_REMATCH[4]}"
        printf '%s %s\n' "${BASH_REMATCH[2]}" "${BASH_REMATCH[4]}"
    done < <("$1" --help 2>/dev/null)
}

# _partyline_schemes PROGRAM: what may stand in front of an address. The help of --listen tells what is
# spoken, behind "SCHEME:", and each may be with TLS and behind a proxy.
_partyline_schemes() {
    local kind
    for kind in $("$1" --help 2>/dev/null | sed -n '/SCHEME:$/ { n; s/;.*//; s/([^)]*)//g; s/,/ /g; p; }'); do
        printf '%s\n' "$kind://" "$kind+tls://" "$kind+proxy://" "$kind+tls+proxy://"
    done
}

# _partyline_offer WORD...: those that go on from $current, without what bash does not replace: it
# breaks words at '=' and ':'.
_partyline_offer() {
    local kept=
    case $COMP_WORDBREAKS in
        *:*) kept=${current%"${current##*[:=]}"} ;;
        *=*) kept=${current%"${current##*=}"} ;;
    esac
    local word
    while IFS= read -r word; do
        COMPREPLY+=("${word#"$kept"}")
    done < <(compgen -W "$*" -- "$current")
}

# _partyline_value ARGUMENT: completes what an option takes, by what the help calls it.
_partyline_value() {
    case $1 in
        FILE | DIR)
            local kind=-f
            [ "$1" = FILE ] || kind=-d
            compopt -o filenames 2>/dev/null
            mapfile -t COMPREPLY < <(compgen "$kind" -- "$current")
            ;;
        USER) mapfile -t COMPREPLY < <(compgen -u -- "$current") ;;
        SERVERS)
            compopt -o nospace 2>/dev/null
            _partyline_offer nats:// tls://
            ;;
        *ADDRESS)
            compopt -o nospace 2>/dev/null
            local front=
            case $current in
                *://*) front=${current%%://*}:// ;;
                *) [ "$1" = ADDRESS ] || _partyline_offer "$(_partyline_schemes "$program")" ;;
            esac
            _partyline_offer "${front}127.0.0.1:" "${front}[::1]:" "${front}*:" "${front}unix:"
            ;;
    esac
}

_partyline() {
    local program=${COMP_WORDS[0]} current='' previous='' option argument i
    # The words as the shell will see them: --listen telnet :// 127.0.0.1 is one word behind --listen.
    for ((i = 1; i <= COMP_CWORD; i++)); do
        if [[ ${COMP_WORDS[i]} == [:=]* || ${COMP_WORDS[i - 1]} == *[:=] ]]; then
            current+=${COMP_WORDS[i]}
        else
            previous=$current
            current=${COMP_WORDS[i]}
        fi
    done
    COMPREPLY=()
    local table
    table=$(_partyline_help "$program")
    if [[ $current == --*=* ]]; then
        previous=${current%%=*}
        current=${current#*=}
    fi
    while read -r option argument; do
        if [ -n "$argument" ] && [ "$option" = "$previous" ]; then
            _partyline_value "$argument"
            return
        fi
    done <<<"$table"
    _partyline_offer "$(cut -d ' ' -f 1 <<<"$table" | grep -- '^--')"
}

complete -F _partyline partyline
