#include "base/platform.h"

#include "store/database.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

enum { BUSY_MILLISECONDS = 5000 }; /* what a checkpoint or an sqlite3 shell may take */

bool database_open(struct database *database, const char *path)
{
    memset(database, 0, sizeof *database);
    database->error =
        sqlite3_open_v2(path, &database->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (database->error == SQLITE_OK)
        sqlite3_busy_timeout(database->handle, BUSY_MILLISECONDS);
    return database->error == SQLITE_OK;
}

void database_close(struct database *database)
{
    for (size_t i = 0; i < database->statement_count; i++)
        sqlite3_finalize(database->statements[i].statement);
    database->statement_count = 0;
    sqlite3_close(database->handle);
    database->handle = NULL;
}

int database_errno(const struct database *database)
{
    switch (database->error & 0xFF) { /* the primary one */
    case SQLITE_FULL:
        return ENOSPC;
    case SQLITE_IOERR:
        return database->handle != NULL ? sqlite3_system_errno(database->handle) : 0;
    default:
        return 0;
    }
}

bool database_run(struct database *database, const char *sql)
{
    int error = sqlite3_exec(database->handle, sql, NULL, NULL, NULL);
    if (error != SQLITE_OK)
        database->error = error;
    return error == SQLITE_OK;
}

int64_t database_number(struct database *database, const char *sql)
{
    sqlite3_stmt *statement;
    int64_t number = -1;
    int error = sqlite3_prepare_v2(database->handle, sql, -1, &statement, NULL);
    if (error == SQLITE_OK) {
        if (sqlite3_step(statement) == SQLITE_ROW)
            number = sqlite3_column_int64(statement, 0);
        error = sqlite3_finalize(statement);
    }
    if (error != SQLITE_OK)
        database->error = error;
    return error == SQLITE_OK ? number : -1;
}

int database_changes(const struct database *database)
{
    return sqlite3_changes(database->handle);
}

/* Returns the compiled query, or NULL with its status in *error. */
static sqlite3_stmt *find_statement(struct database *database, const char *sql, int *error)
{
    size_t i = 0;
    while (i < database->statement_count && database->statements[i].sql != sql)
        i++;
    *error = SQLITE_OK;
    if (i < database->statement_count)
        return database->statements[i].statement;
    assert(i < DATABASE_STATEMENTS_MAX);
    sqlite3_stmt *statement;
    *error =
        sqlite3_prepare_v3(database->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL);
    if (*error != SQLITE_OK)
        return NULL;
    database->statements[i].sql = sql;
    database->statements[i].statement = statement;
    database->statement_count++;
    return statement;
}

void query_begin(struct query *query, struct database *database, const char *sql)
{
    query->database = database;
    query->parameters = 0;
    query->statement = find_statement(database, sql, &query->status);
}

void query_bind_words(struct query *query, struct words words)
{
    query->parameters++;
    if (query->status == SQLITE_OK)
        query->status = sqlite3_bind_text64(query->statement, query->parameters,
                                            words.bytes != NULL ? words.bytes : "", words.length,
                                            SQLITE_STATIC, SQLITE_UTF8);
}

void query_bind_string(struct query *query, const char *string)
{
    query_bind_words(query, (struct words){string, strlen(string)});
}

void query_bind_number(struct query *query, int64_t number)
{
    query->parameters++;
    if (query->status == SQLITE_OK)
        query->status = sqlite3_bind_int64(query->statement, query->parameters, number);
}

bool query_step(struct query *query)
{
    if (query->status == SQLITE_OK || query->status == SQLITE_ROW)
        query->status = sqlite3_step(query->statement);
    return query->status == SQLITE_ROW;
}

struct words query_words(const struct query *query, int column)
{
    const char *bytes = (const char *)sqlite3_column_text(query->statement, column);
    int length = sqlite3_column_bytes(query->statement, column);
    return (struct words){bytes != NULL ? bytes : "", bytes != NULL ? (size_t)length : 0};
}

int64_t query_number(const struct query *query, int column)
{
    return sqlite3_column_int64(query->statement, column);
}

bool query_end(struct query *query)
{
    bool well =
        query->status == SQLITE_OK || query->status == SQLITE_ROW || query->status == SQLITE_DONE;
    if (query->statement != NULL) {
        sqlite3_reset(query->statement);
        sqlite3_clear_bindings(query->statement);
    }
    if (!well)
        query->database->error = query->status;
    return well;
}

bool query_finish(struct query *query)
{
    while (query_step(query))
        ;
    return query_end(query);
}
