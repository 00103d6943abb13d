/*
 * database: a connection to an SQLite file, for one thread at a time, and its queries. A query is
 * written down in one go: begin, bind its parameters in their order, step, end. An error on the way
 * makes the rest do nothing, and is what query_end() tells.
 */
#ifndef STORE_DATABASE_H
#define STORE_DATABASE_H

#include "chat/message.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DATABASE_STATEMENTS_MAX = 64 }; /* different queries of one connection */

struct database {
    sqlite3 *handle;
    int error; /* of SQLite: of the last query that failed, or SQLITE_OK */

    /* Compiled queries, by the addresses of their texts. */
    struct {
        const char *sql;
        sqlite3_stmt *statement;
    } statements[DATABASE_STATEMENTS_MAX];
    size_t statement_count;
};

/*
 * Opens a connection to an existing file. Returns false, with database->error set, if that fails;
 * database_close() is to be called in either case.
 */
bool database_open(struct database *database, const char *path);
void database_close(struct database *database);

/*
 * Returns the errno behind the last query that failed, if the system has told SQLite of one:
 * ENOSPC also where SQLite knows by itself that the disk is full. 0: none is known.
 */
int database_errno(const struct database *database);

/* Runs statements that have no parameters and whose results do not matter. */
bool database_run(struct database *database, const char *sql);

/* Returns the number that a query without parameters yields; -1 if it fails or yields none. */
int64_t database_number(struct database *database, const char *sql);

/* Returns how many rows the last query inserted, changed or deleted. */
int database_changes(const struct database *database);

struct query {
    struct database *database;
    sqlite3_stmt *statement;
    int parameters; /* that are bound */
    int status;     /* of SQLite */
};

/* Begins a query. `sql` is a literal: its address stands for its text. */
void query_begin(struct query *query, struct database *database, const char *sql);

/* Bind the next parameter. Words are not copied, and must stay until query_end(). */
void query_bind_words(struct query *query, struct words words);
void query_bind_string(struct query *query, const char *string);
void query_bind_number(struct query *query, int64_t number);

/* Goes on to the next row. Returns whether there is one. */
bool query_step(struct query *query);

/* Return what the row has in a column, counted from 0. Words are valid until the next step. */
struct words query_words(const struct query *query, int column);
int64_t query_number(const struct query *query, int column);

/* Ends a query. Returns whether all went well. */
bool query_end(struct query *query);

/* Steps to the end, then ends the query. */
bool query_finish(struct query *query);

#endif
