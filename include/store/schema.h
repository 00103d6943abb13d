/*
 * schema: the tables of the data file, and how a file of an older version gets them. The tables are
 * explained in docs/ARCHITECTURE.md.
 */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include "store/database.h"

enum {
    SCHEMA_VERSION = 5,                /* PRAGMA user_version */
    SCHEMA_APPLICATION_ID = 0x7074796C /* PRAGMA application_id: "ptyl" */
};

/* What makes words of a text for the index (FTS5). */
#define SCHEMA_TOKENIZER "unicode61 remove_diacritics 2"

/*
 * Brings an empty file, or one of an older version, to `version`, at most SCHEMA_VERSION; tests ask
 * for an older one. Each step is one transaction. Returns false, with database->error set, if one
 * fails: the file then has the version before.
 */
bool schema_upgrade(struct database *database, int64_t version);

#endif
