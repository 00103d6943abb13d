#!/bin/sh
# Goal: scripts/run and scripts/test install what is missing when they can do so without a question, and
# tell what to do, once and in one line, when they cannot; scripts/test tells at its end what was skipped.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# A machine with nothing but a shell: what it has stands in `bin`, and what was run is in `calls`.
mkdir -p tree/scripts tree/build bin later
cp "$root/scripts/run" "$root/scripts/test" "$root/scripts/packages" tree/scripts || exit 1
for tool in sh cat cp dirname env getconf grep mktemp perl ps rm sed sort tr; do
    ln -s "$(command -v "$tool")" "bin/$tool"
done

# fake FOLDER/TOOL [COMMAND]: a tool that notes down how it is called, and then does that.
fake() {
    printf '#!/bin/sh\necho "%s $*" >>"%s/calls"\n%s\n' "${1##*/}" "$work" "${2:-}" >"$1"
    chmod +x "$1"
}

# no_longer TOOL...: the machine does not have them any more.
no_longer() {
    (cd bin && rm -f "$@")
}

# start_script NAME [ARGUMENT...]: starts one of the scripts on that machine, as `try` does.
start_script() {
    : >calls
    script_name=$1
    shift
    try env PATH="$work/bin" "$work/bin/sh" "tree/scripts/$script_name" "$@"
}

fake bin/uname 'echo Linux'
fake bin/id 'echo 65534'
fake bin/apt-get "[ \"\$1\" != install ] || cp $work/later/* $work/bin"
fake tree/build/partyline 'echo "partyline was started with $*"'
# shellcheck disable=SC2016 # For the script.
fake later/cc 'while [ $# -gt 0 ]; do [ "$1" != -o ] || : >"$2"; shift; done'
fake later/make
fake bin/true

# --- Without root -------------------------------------------------------------------------------------

start_script run --quiet
is 'without root, and without a compiler, run ends with status 1' "$status" 1
is 'it tells once what to do' "$(count try.err 'once')" 1
check 'with one line that can be pasted' has_line try.err \
    '    apt-get update; apt-get install -y --no-install-recommends gcc libc6-dev make'
is 'it installs nothing' "$(count calls '^apt-get')" 0
is 'it says nothing on standard output' "$(cat try.out)" ''

fake bin/sudo 'exit 1'
start_script run
is 'with a sudo that wants a password it ends with status 1, too' "$status" 1
check 'the line has sudo in it, which can ask' has_line try.err \
    '    sudo apt-get update; sudo apt-get install -y --no-install-recommends gcc libc6-dev make'
is 'it has tried sudo once' "$(grep sudo calls)" 'sudo -n true'

no_longer apt-get
start_script run
is 'without a package manager it ends with status 1' "$status" 1
check 'and says what is missing' has try.err 'not here: compiler make'

# --- With a sudo that asks nothing --------------------------------------------------------------------

# shellcheck disable=SC2016 # For the script.
fake bin/sudo '[ "$1" != -n ] || shift; exec "$@"'
fake bin/apt-get 'exit 100'
start_script run
is 'what cannot be installed is told with status 1' "$status" 1
is 'after one try' "$(count calls '^apt-get install')" 1
check 'with the line to do it by hand' has try.err 'apt-get install -y --no-install-recommends gcc libc6-dev make'

fake bin/apt-get "[ \"\$1\" != install ] || cp $work/later/* $work/bin"
start_script run --quiet
is 'with root run installs what is missing, and starts the server' "$(cat try.out)" \
    'partyline was started with --quiet'
is 'with status 0' "$status" 0
is 'in one go' "$(count calls '^apt-get install')" 1

# --- The tests ----------------------------------------------------------------------------------------

# skipping: a scenario of which something is skipped.
cat >skipping.t <<END
. "$tests_folder/lib.sh"
skip 'somebody with plink gets in' 'there is no plink'
finish
END
# What is beside the clients is there; the clients are not, and cannot be had.
for tool in prove cmp; do
    fake "bin/$tool"
done
# shellcheck disable=SC2016 # For the script.
fake bin/nc 'echo "-N Shutdown the network socket after EOF"'
fake bin/make "case \$* in *check*) PATH=$PATH exec sh $work/skipping.t ;; esac"
# shellcheck disable=SC2016 # For the script.
fake bin/apt-get '[ "$1" != install ]'
start_script test
is 'test does not fail for want of clients' "$status" 0
check 'it has tried to install each' matches calls '^apt-get install .* putty-tools$'
check 'and says once that it goes on without them' matches try.err \
    'Going on without (sqlite )?(libnats )?(openssl-dev )?(openssl )?tmux telnet busybox plink.* \(apt-get could not install it\)\.$'
check 'at its end it tells which tests were skipped for want of which' \
    has_line try.err '    skipping.t: somebody with plink gets in: there is no plink'
is 'the list of packages was renewed once' "$(count calls '^apt-get update')" 1

fake bin/sudo 'exit 1'
start_script test
is 'without root test does not fail for want of clients either' "$status" 0
check 'it tells how to have them, in one line' matches try.err \
    '^    sudo apt-get update; .* tmux telnet busybox putty-tools'
is 'and installs nothing' "$(count calls '^apt-get')" 0

# shellcheck disable=SC2016 # For the script.
fake bin/cc 'case $* in *cunit*) exit 1 ;; esac'
start_script test
is 'without CUnit all that is built is built with what stands for it' \
    "$(grep '^make ' calls | grep -cv -e 'CUNIT_LIBS= .*-Itests/unit/shim')" 0

finish
