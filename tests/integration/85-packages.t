#!/bin/sh
# Goal: the packages are of one version, are the same whoever makes them, and hold what they should; the
# shells complete every option that the program has. (scripts/packaging/try installs them in fresh systems.)

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

patience=${PATIENCE:-60} # lintian and strip take seconds, and more where others use the processors
packaging=$root/scripts/packaging
version=$("$packaging/release" version)

contains() {
    case $1 in
        *"$2"*) return 0 ;;
        *) return 1 ;;
    esac
}

lacks_word() {
    ! contains "$1" "$2"
}

# --- The version --------------------------------------------------------------------------------------

is 'the program has the version of include/version.h' "$("$partyline" --version | cut -d ' ' -f 2)" "$version"

# --- The tarball --------------------------------------------------------------------------------------

tarball=partyline-$version.tar.gz

# pack FOLDER [ROOT]: makes the tarball there.
pack() {
    try "${2:-$root}/scripts/packaging/dist" "$1"
    is "the tarball is made in $1" "$status" 0
}

if tar --version 2>/dev/null | grep -q 'GNU tar'; then
    pack first
    pack second
    check 'made twice, it is the same, and is called by the version' cmp "first/$tarball" "second/$tarball"
    tar -xzf "first/$tarball"
    check 'it holds one folder, called by the version' [ -f "partyline-$version/Makefile" ]
    check 'what was built is not in it' [ ! -e "partyline-$version/build" ]
    pack third "$work/partyline-$version"
    check 'made of itself, without git, it is the same' cmp "first/$tarball" "third/$tarball"
    mkdir "partyline-$version/build"
    : >"partyline-$version/build/something"
    chmod -R g+w,o-r "partyline-$version"
    find "partyline-$version" -exec touch -t 200001010000 {} +
    SOURCE_DATE_EPOCH=$("$packaging/release" time)
    export SOURCE_DATE_EPOCH
    pack fourth "$work/partyline-$version"
    unset SOURCE_DATE_EPOCH
    check 'and so it is with other times, and other rights, and when something is built' \
        cmp "first/$tarball" "fourth/$tarball"
    sed "s/\"$version\"/\"9.8.7\"/" "$root/include/version.h" >"partyline-$version/include/version.h"
    pack other "$work/partyline-$version"
    check 'a new version in include/version.h is that of the tarball' [ -f other/partyline-9.8.7.tar.gz ]
    try env MAKEFLAGS= make -s -C "partyline-$version" STORE_LIBS= CLUSTER_LIBS= TLS_LIBS= build/partyline.1
    check 'and that of the manual page' has_line "partyline-$version/build/partyline.1" '.Os partyline 9.8.7'
else
    skip 'the tarball is the same whoever makes it' 'no GNU tar here'
fi

# --- Debian's package ---------------------------------------------------------------------------------

# package FOLDER: makes it there, of what is built.
package() {
    try "$packaging/deb" "${partyline%/*}" "$1"
    is "Debian's package is made in $1" "$status" 0
}

# field NAME: of the package.
field() {
    dpkg-deb --field deb/*.deb "$1"
}

# has_file PATH: the package has it.
has_file() {
    has_line contents ".$1"
}

# links_of DOCUMENT: the files that it links to, as it has them.
links_of() {
    grep -o '](\([^)]*\))' "$1" | sed 's/^](//; s/)$//; s/#.*//' | grep -v '^https*:' | grep . | sort -u
}

# missing_links: what documents of the package link to, and is not in it.
missing_links() {
    find extracted/usr/share/doc/partyline -name '*.md' | while read -r text; do
        links_of "$text" | while read -r link; do
            [ -e "${text%/*}/$link" ] || echo "$text: $link"
        done
    done
}

# set_scripts_up: the package's scripts in `scripts`, for a system in the folder `system`, where programs
# of systemd note what they are asked for. There the service is enabled, and so is the socket.
set_scripts_up() {
    dpkg-deb --control deb/*.deb control
    mkdir -p scripts programs system/run/systemd/system system/usr/lib/systemd/system
    : >system/usr/lib/systemd/system/partyline.service
    : >system/usr/lib/systemd/system/partyline.socket
    for script in preinst postinst prerm postrm; do
        sed "s,\\([^a-z]\\)/\\(run\\|usr\\|var\\)/,\\1$work/system/\\2/,g" "control/$script" >"scripts/$script"
        chmod +x "scripts/$script"
    done
    printf '#!/bin/sh\necho "$@" >>asked\n' >programs/deb-systemd-invoke
    printf '#!/bin/sh\n:\n' >programs/deb-systemd-helper
    cp programs/deb-systemd-helper programs/systemctl
    chmod +x programs/*
}

# asks SENTENCE WANTED CALL...: so the package's scripts, called in this order, have systemd act.
asks() {
    sentence=$1
    wanted=$2
    shift 2
    : >asked
    for call; do
        # shellcheck disable=SC2086 # The script, and its arguments.
        PATH=$work/programs:$PATH scripts/$call >>scripts.out 2>&1 || echo "$call has failed" >>asked
    done
    is "$sentence" "$(paste -s -d , asked)" "$wanted"
}

# What dpkg calls is in Debian's policy, 6.5 to 6.8.
try_scripts() {
    both='start partyline.socket,start partyline.service'
    set_scripts_up
    asks 'the service starts when the package comes' "$both" 'preinst install' 'postinst configure'
    asks 'an upgrade restarts it, if it runs' 'try-restart partyline.service' \
        'prerm upgrade 2' 'preinst upgrade 1' 'postrm upgrade 2' 'postinst configure 1'
    asks 'it stops when the package goes' 'stop partyline.socket,stop partyline.service' 'prerm remove' 'postrm remove'
    asks 'and starts when it comes back' "$both" 'preinst install 2' 'postinst configure 2'
    asks 'after that an upgrade is one' 'try-restart partyline.service' 'preinst upgrade 2' 'postinst configure 2'
    asks 'also when the package was to come, and did not' 'try-restart partyline.service' \
        'preinst install 2' 'postrm abort-install 2' 'postinst configure 2'
}

if ! command -v dpkg-deb >/dev/null || is_sanitized; then
    skip "Debian's package is made" 'no dpkg-deb here, or a build with a sanitizer'
else
    package deb
    package again
    check 'made twice, it is the same' cmp deb/*.deb again/*.deb
    is 'its version begins with the version' "$(field Version | sed 's/+.*//')" "$version"
    check 'it depends on the C library' contains "$(field Depends)" 'libc6 (>= '
    "$partyline" --version >features
    for library in SQLite:libsqlite3 NATS:libnats OpenSSL:libssl; do
        if has features "with ${library%:*} "; then
            check "it depends on ${library#*:}, as the program does" contains "$(field Depends)" "${library#*:}"
        else
            check "it does not depend on ${library#*:}" lacks_word "$(field Depends)" "${library#*:}"
        fi
    done
    dpkg-deb --fsys-tarfile deb/*.deb | tar -t >contents
    for file in /usr/bin/partyline /usr/share/man/man1/partyline.1.gz /usr/lib/systemd/system/partyline.service \
        /etc/partyline.conf /usr/share/bash-completion/completions/partyline \
        /usr/share/zsh/vendor-completions/_partyline /usr/share/doc/partyline/copyright; do
        check "it has $file" has_file "$file"
    done
    is 'what people may change is theirs' "$(dpkg-deb --info deb/*.deb conffiles | grep -x /etc/partyline.conf)" /etc/partyline.conf
    dpkg-deb --fsys-tarfile deb/*.deb | tar -xO ./usr/share/doc/partyline/changelog.gz | gzip -d >changelog
    is 'its changelog begins with its version' "$(sed -n 's/^partyline (\(.*\)) .*/\1/p; q' changelog)" "$(field Version)"
    mkdir extracted
    dpkg-deb --fsys-tarfile deb/*.deb | tar -xC extracted
    missing_links >missing
    is 'what its documents link to is there' "$(cat missing)" ''
    check 'links were found' [ "$(links_of extracted/usr/share/doc/partyline/README.md | wc -l)" -ge 10 ]
    try_scripts
    if command -v lintian >/dev/null; then
        try lintian --allow-root --fail-on error,warning deb/*.deb
        is 'lintian has no error and no warning' "$(grep -v '^N:' try.out)" ''
        is 'lintian says so, too' "$status" 0
    else
        skip 'lintian has no error and no warning' 'no lintian here'
    fi
fi

# --- Completion ---------------------------------------------------------------------------------------

"$partyline" --help | sed -n 's/^  \(-.\), --.*/\1/p' | sort >letters
"$partyline" --help | sed -n 's/^  ... \(--[a-z0-9-]*\).*/\1/p' | sort >options
mkdir -p files
: >'files/name with blanks.pem'

# completed WORD...: what bash offers for the last of these words, as readline breaks them.
completed() {
    bash -c '
        . "$1/completions/partyline.bash"
        shift
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        $(complete -p partyline | sed "s/.*-F \([^ ]*\) .*/\1/")
        ((${#COMPREPLY[@]} == 0)) || printf "%s\n" "${COMPREPLY[@]}"
    ' bash "$packaging" "$partyline" "$@" 2>complete.err | sort
    [ ! -s complete.err ] || cat complete.err
}

# offers SENTENCE WANTED WORD...: bash offers exactly what is WANTED, in one line.
offers() {
    sentence=$1
    wanted=$2
    shift 2
    is "$sentence" "$(completed "$@" | paste -s -d ' ' -)" "$wanted"
}

if command -v bash >/dev/null; then
    is 'bash offers every option of the help' "$(completed --)" "$(cat options)"
    offers 'bash completes an option' --no-welcome --no-w
    offers 'bash completes a file' 'files/name with blanks.pem' --tls-cert files/
    offers 'bash completes a file behind an equals sign' 'files/name with blanks.pem' --log = files/n
    offers 'bash completes a scheme' 'telnet+proxy:// telnet+tls+proxy:// telnet+tls:// telnet://' --listen te
    offers 'bash completes a scheme behind the short option' lines+tls+proxy:// -l lines+tls+
    offers 'bash completes an address behind a scheme' //127.0.0.1: --listen machine+tls : //1
    offers 'bash completes an address that has no scheme' '*: 127.0.0.1: [::1]: unix:' --telnet ''
    offers 'bash offers nothing for a number' '' --rate ''
    offers 'bash offers options behind a flag' --sendq --quiet --sen
else
    skip 'bash completes the command line' 'no bash here'
fi

# The specifications that _partyline gives zsh, one a line.
specifications() {
    zsh -f -c '
        setopt extendedglob
        _arguments() { print -rl -- "$@" }
        _call_program() { shift; eval "$@" }
        words=("$2")
        . "$1/completions/_partyline"
    ' zsh "$packaging" "$partyline"
}

# press KEYS LINE: in a zsh with a terminal the command line is LINE when the keys are pressed, and TAB.
press() {
    zsh -f -c '
        zmodload zsh/zpty
        zpty shell "ZDOTDIR=$PWD/zsh zsh -d -i"
        zpty -r shell heard "*ready*"
        zpty -w -n shell "partyline $1"$'"'\t\x0f'"'
        zpty -r shell heard "*<*>*"
        print -r -- $heard
        zpty -d shell
    ' zsh "$1" >pressed 2>&1 &
    pressing=$!
    ended "$pressing" || kill -KILL "$pressing"
    has pressed "<$2>"
}

# set_zsh_up: Ctrl-O shows the command line.
set_zsh_up() {
    mkdir zsh
    cat >zsh/.zshrc <<END
fpath=('$packaging/completions' \$fpath) path=('${partyline%/*}' \$path)
autoload -U compinit
compinit -u -D
zle-line-init() { print ready }
zle -N zle-line-init
show() { zle -I; print -r -- "<\$BUFFER>" }
zle -N show
bindkey ^O show
END
}

if command -v zsh >/dev/null; then
    specifications >specified 2>&1
    sed -En 's/^(\*|\([^)]*\))(-[^-])[+[].*/\2/p' specified | sort >specified.letters
    is 'zsh knows every letter of the help' "$(cat specified.letters)" "$(cat letters)"
    sed -En 's/^(\*|\([^)]*\))(--[a-z0-9-]*).*/\2/p' specified | sort >specified.options
    is 'zsh knows every option of the help' "$(cat specified.options)" "$(cat options)"
    set_zsh_up
    check 'zsh completes an option' press --no-w 'partyline --no-welcome '
    check 'zsh completes a scheme' press '-l machine+tls+' 'partyline -l machine+tls+proxy://'
    check 'zsh completes an address behind a scheme' press '--listen telnet://1' 'partyline --listen telnet://127.0.0.1:'
    check 'zsh completes a file' press '--log files/' 'partyline --log files/name\ with\ blanks.pem '
else
    skip 'zsh completes the command line' 'no zsh here'
fi

finish
