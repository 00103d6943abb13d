#include "base/platform.h"

#include "store/schema.h"

#include <stdio.h>

/*
 * The index of words has a word for the room as well, "r" and its id, so that a search in a small
 * room does not walk through the words of a large one. Messages are indexed some thousand at a
 * time, or before a search: that takes a seventh of the time of indexing each when it comes.
 * `indexed` has the id of the last one. A trigger removes what is deleted, also when an
 * administrator does so by hand. AUTOINCREMENT: an id that is used again would not be indexed.
 */
static const char talk_tables[] =
    "CREATE TABLE room ("
    " id INTEGER PRIMARY KEY,"
    " name TEXT NOT NULL,"
    " folded TEXT NOT NULL UNIQUE,"
    " last INTEGER NOT NULL DEFAULT 0,"
    " reserved INTEGER NOT NULL DEFAULT 0);"
    "CREATE TABLE restart ("
    " room INTEGER NOT NULL REFERENCES room (id),"
    " first INTEGER NOT NULL,"
    " last INTEGER NOT NULL,"
    " PRIMARY KEY (room, first)) WITHOUT ROWID;"
    "CREATE TABLE message ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " room INTEGER NOT NULL REFERENCES room (id),"
    " seq INTEGER NOT NULL,"
    " time INTEGER NOT NULL,"
    " kind INTEGER NOT NULL,"
    " author TEXT NOT NULL,"
    " text TEXT NOT NULL);"
    "CREATE UNIQUE INDEX message_by_seq ON message (room, seq);"
    "CREATE INDEX message_by_time ON message (room, time);"
    "CREATE VIEW message_words AS SELECT id, 'r' || room AS place, text FROM message;"
    "CREATE VIRTUAL TABLE words USING fts5 (place, text, content='message_words',"
    " content_rowid='id', tokenize='" SCHEMA_TOKENIZER "');"
    "CREATE TABLE indexed (last INTEGER NOT NULL);"
    "INSERT INTO indexed VALUES (0);"
    "CREATE TRIGGER message_goes AFTER DELETE ON message"
    " WHEN old.id <= (SELECT last FROM indexed) BEGIN"
    " INSERT INTO words (words, rowid, place, text)"
    " VALUES ('delete', old.id, 'r' || old.room, old.text); END;";

static const char people_tables[] =
    "CREATE TABLE account ("
    " id INTEGER PRIMARY KEY,"
    " name TEXT NOT NULL,"
    " folded TEXT NOT NULL UNIQUE,"
    " looks_caseless TEXT NOT NULL UNIQUE,"
    " looks_typed TEXT NOT NULL UNIQUE,"
    " password TEXT NOT NULL,"
    " created INTEGER NOT NULL,"
    " seen INTEGER NOT NULL DEFAULT 0,"
    " operator INTEGER NOT NULL DEFAULT 0);"
    "CREATE TABLE ignored ("
    " account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,"
    " folded TEXT NOT NULL,"
    " name TEXT NOT NULL,"
    " PRIMARY KEY (account, folded)) WITHOUT ROWID;"
    "CREATE TABLE kept ("
    " id INTEGER PRIMARY KEY,"
    " account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,"
    " author TEXT NOT NULL,"
    " time INTEGER NOT NULL,"
    " text TEXT NOT NULL);"
    "CREATE INDEX kept_by_account ON kept (account);"
    "CREATE TABLE kept_room ("
    " room INTEGER PRIMARY KEY REFERENCES room (id),"
    " owner TEXT NOT NULL,"
    " topic TEXT NOT NULL,"
    " key TEXT NOT NULL,"
    " hidden INTEGER NOT NULL,"
    " members_only INTEGER NOT NULL);"
    "CREATE TABLE invited ("
    " room INTEGER NOT NULL REFERENCES kept_room (room) ON DELETE CASCADE,"
    " folded TEXT NOT NULL,"
    " name TEXT NOT NULL,"
    " PRIMARY KEY (room, folded)) WITHOUT ROWID;"
    "CREATE TABLE sanction ("
    " id INTEGER PRIMARY KEY,"
    " kind INTEGER NOT NULL,"
    " is_address INTEGER NOT NULL,"
    " target TEXT NOT NULL,"
    " folded TEXT NOT NULL,"
    " until INTEGER NOT NULL,"
    " time INTEGER NOT NULL,"
    " by TEXT NOT NULL,"
    " reason TEXT NOT NULL,"
    " UNIQUE (kind, folded));";

static const char guarded_rooms[] =
    "ALTER TABLE room ADD COLUMN guarded INTEGER NOT NULL DEFAULT 0;";

/* Rooms of a cluster have a life (archive_talk's live()), others 0. */
static const char lives[] = "ALTER TABLE room ADD COLUMN life INTEGER NOT NULL DEFAULT 0;"
                            "CREATE UNIQUE INDEX room_by_life ON room (life) WHERE life <> 0;";

/* The number behind which the spare block begins (talk.h). */
static const char spare_block[] = "CREATE TABLE spare (behind INTEGER NOT NULL);"
                                  "INSERT INTO spare VALUES (0);";

/* The step at index N makes version N + 1 of version N; version 0 is an empty file. */
static const char *const steps[SCHEMA_VERSION] = {talk_tables, people_tables, guarded_rooms, lives,
                                                  spare_block};

static bool upgrade_from(struct database *database, int64_t version)
{
    char mark[120];
    snprintf(mark, sizeof mark, "PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT",
             (int)SCHEMA_APPLICATION_ID, (int)version + 1);
    if (database_run(database, "BEGIN IMMEDIATE") && database_run(database, steps[version]) &&
        database_run(database, mark))
        return true;
    int error = database->error;
    database_run(database, "ROLLBACK");
    database->error = error;
    return false;
}

bool schema_upgrade(struct database *database, int64_t version)
{
    int64_t found = database_number(database, "PRAGMA user_version");
    if (found < 0)
        return false;
    while (found < version && upgrade_from(database, found))
        found++;
    return found >= version;
}
