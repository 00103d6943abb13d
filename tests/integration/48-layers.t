#!/bin/sh
# Goal: scripts/layers names each circle of modules and each #include that goes against the layers, and
# finds none here.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# tree MODULE [INCLUDED]...: a tree with these modules, each of which may include another one.
tree() {
    rm -rf tree
    mkdir -p tree/src tree/include
    while [ $# -gt 0 ]; do
        mkdir -p "tree/src/${1%/*}" "tree/include/${1%/*}"
        [ -e "tree/include/$1.h" ] || echo '#include <stddef.h>' >"tree/include/$1.h"
        printf '#include "%s.h"\n' "$1" "$2" >>"tree/src/$1.c"
        shift 2
    done
}

# finds WHAT: one fault, with these words.
finds() {
    try "$root/scripts/layers" tree
    is "found: $1" "$status $(cat try.out)" "1 layers: $1"
}

try "$root/scripts/layers"
is 'there is nothing to be found here' "$status $(cat try.out try.err)" '0 '

tree base/a base/a net/b base/a chat/c net/b chat/d chat/c
try "$root/scripts/layers" tree
is 'nor where everything goes downwards' "$status $(cat try.out try.err)" '0 '

tree net/a net/b net/b net/a
finds 'a circle: net/a -> net/b -> net/a'
tree net/a net/b net/b net/c net/c net/b
finds 'a circle: net/b -> net/c -> net/b'

# A header that leads back to a source makes a circle, too.
tree net/a net/b net/b net/b
echo '#include "net/a.h"' >>tree/include/net/b.h
finds 'a circle: net/a -> net/b -> net/a'

tree net/a net/a chat/b chat/b
echo '  #  include "chat/b.h" /* upwards */' >>tree/include/net/a.h
finds 'net/a includes chat/b, but net is not above chat'
tree edit/a net/b net/b net/b
finds 'edit/a includes net/b, but edit is not above net'
tree chat/a doors/b doors/b doors/b
finds 'chat/a includes doors/b, but chat is not above doors'
tree net/a odd/b odd/b odd/b
finds 'net/a includes odd/b, and one of them is in no layer'

finish
