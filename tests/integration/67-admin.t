#!/bin/sh
# Goal: what docs/ADMIN.md tells whoever runs a server works as it stands there: the queries, the backup, a password for who
# has lost it, and letting a name go.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

"$partyline" --version >version
if ! has version 'with SQLite' || ! command -v sqlite3 >/dev/null; then
    skip 'what docs/ADMIN.md tells works' 'this build lacks SQLite, or there is no sqlite3'
    finish
fi

# commands LANGUAGE: the blocks of that language in ADMIN.md that concern the data file, a line each.
commands() {
    awk -v fence="\`\`\`$1" '
        $0 == fence { inside = 1; block = ""; next }
        /^```/ { if (inside) print block; inside = 0 }
        inside { block = block " " $0 }' "$root/docs/ADMIN.md"
}

start --data chat.db --operator Olga --operator Otto
for name in Olga Otto Bob; do
    enter $name
    say $name "/register ${name}s-password"
    told $name "*** The name $name is yours now. ***"
done
say Otto '/mute Olga 1m'
check 'both of two --operator are operators' wait_for_match Otto '^\*\*\* Olga is muted until '
say Otto '/unmute Olga'
say Bob 'the backup is here'
say Bob '/join attic'
say Bob 'another backup'
say Olga '/ban Mallory 2h spam'
say Olga '/mute Otto'
enter Mallory2
say Mallory2 'Hi'
settle Mallory2
quit Bob
say Olga '/msg Bob You have a message.'
told Olga '*** Bob is not here. Your message is kept. ***'
say Olga '/search backup'
wait_for Olga 'the backup is here'
settle Olga

# While the server runs, as ADMIN.md says.
commands sql | grep SELECT >queries
is 'there are five queries' "$(wc -l <queries | tr -d ' ')" 5
answered() {
    sqlite3 -readonly chat.db "$query" >answer 2>&1 && cat answer >>answers && ! grep -q Error answer
}
: >answers
while read -r query; do
    check "a query is answered: $(printf '%.50s' "$query")" answered
done <queries
check 'with how much was said in each room' has answers 'lobby|2|'
check 'what was said about a word' has answers 'attic|Bob|another backup'
check 'and who is banned or muted' has answers 'ban|Mallory|Olga|spam|20'
check 'for ever, too' has answers 'mute|Otto|Olga||for ever'
commands sh | grep -F 'SELECT' | sed "s,/var/lib/partyline/chat.db,$work/chat.db," >accounts.sh
sh accounts.sh >accounts
is 'accounts are listed' "$(sed 's/.*|//' accounts | tr '\n' ' ')" 'Olga Otto Bob '

commands sh | grep -F '.backup' | sed "s,/var/lib/partyline/chat.db,$work/chat.db,; s,/var/backups/,$work/," >backup.sh
check 'a backup is made while the server runs' sh backup.sh
check 'for its owner alone' [ "$(find partyline.db -perm 0600)" = partyline.db ]
say Olga 'after the backup'
settle Olga

if command -v openssl >/dev/null; then
    commands sh | grep -F 'UPDATE account' | sed "s,/var/lib/partyline/chat.db,$work/chat.db," >password.sh
    set_password() {
        echo another-password | sh password.sh
    }
    check 'who has lost a password is given another one' set_password
    connect Bob
    say Bob Bob
    wait_for Bob 'Password: '
    say Bob another-password
    check 'and gets what was kept' wait_for_match Bob '^\[[0-9:]*\] \[private\] Olga: You have a message\.$'
    say Bob '/join attic'
    say Bob '/room'
    check 'the rooms are still kept' wait_for Bob 'It is kept for Bob. ***'
    say Bob '/unregister another-password'
    check 'so the name is let go' told Bob "*** The name Bob is nobody's now. ***"
    quit Bob
    check "and is anybody's again" enter Bob
    is 'what was kept for it is gone' \
        "$(sqlite3 -readonly chat.db 'SELECT (SELECT count(*) FROM kept) + (SELECT count(*) FROM kept_room)')" 0
else
    skip 'a password is set' 'there is no openssl'
fi
stop

# restoring TEXT: the block of ADMIN.md in which that stands, for this folder, who runs this, and a systemctl that only
# notes what it is called for.
restoring() {
    awk -v text="$1" '
        /^```/ { if (inside && index(block, text)) printf "%s", block; inside = !inside; block = ""; next }
        inside { block = block $0 "\n" }' "$root/docs/ADMIN.md" |
        sed "s,/var/lib/partyline/,$work/,g; s,/var/backups/,$work/,g
            s/-o partyline -g partyline/-o $(id -u) -g $(id -g)/"
}
restoring 'install -o partyline' >restore.sh
mkdir bin
printf '#!/bin/sh\necho "$*" >>%s/called\n' "$work" >bin/systemctl
chmod 755 bin/systemctl
chmod 644 partyline.db
echo stale >chat.db-wal
echo stale >chat.db-shm
restored() {
    PATH=$work/bin:$PATH sh -e restore.sh
}
check 'a backup is put back as ADMIN.md says' restored
is 'with the server stopped before it and started after it' "$(cat called)" 'stop partyline
start partyline'
is 'what SQLite had beside the file is gone' "$(find . -name 'chat.db-[ws]*')" ''
check 'the file is what was kept' cmp partyline.db chat.db
is 'and for its owner alone' "$(find chat.db -perm 0600)" chat.db
start --data chat.db
connect Bob
say Bob Bob
wait_for Bob 'Password: '
say Bob Bobs-password
check 'the backup has what there was' wait_for_match Bob '^\[[0-9:]*\] \[private\] Olga: You have a message\.$'
say Bob '/history 50'
check 'and was said' wait_for_match Bob '^\[[0-9:]*\] Bob: the backup is here$'
settle Bob
check 'but not what came later' lacks Bob 'after the backup'
stop

commands sql | grep '^ DELETE' >delete.sql
sed -i 's/Mallory/Mallory2/' delete.sql
check 'what somebody has said is removed' sqlite3 chat.db "$(cat delete.sql)"
commands sh | grep -F 'DELETE FROM sanction' | sed "s,/var/lib/partyline/chat.db,$work/chat.db,; s/Olga/Mallory/" >lift.sh
check 'a ban is lifted without an operator' sh lift.sh
start --data chat.db
check 'and who was banned comes in' enter Mallory
enter Carol
say Carol '/history 50'
settle Carol
check 'and is in no history' lacks Carol 'Mallory2'
say Carol '/search hi'
check 'and is not found' told Carol '*** Nobody has said that, or it is not kept any more. ***'
finish
