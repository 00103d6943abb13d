#include "base/platform.h"

#include "store/data_file.h"
#include "store/schema.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK_SUFFIX "-lock"

enum { FILE_MODE = 0600 /* it holds hashes of passwords, and private messages */ };

/* Where a fault is told. */
struct complaint {
    const char *path;
    char *text;
};

/* Says what is wrong. Returns false. */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
static bool
complain(const struct complaint *complaint, const char *format, ...)
{
    int length = snprintf(complaint->text, DATA_FILE_FAULT_SIZE,
                          "cannot open the data file %s: ", complaint->path);
    va_list arguments;
    va_start(arguments, format);
    if (length > 0 && length < DATA_FILE_FAULT_SIZE)
        vsnprintf(complaint->text + length, (size_t)(DATA_FILE_FAULT_SIZE - length), format,
                  arguments);
    va_end(arguments);
    return false;
}

/* Says why `name`, the file or one beside it, cannot be opened. */
static bool complain_of_opening(const struct complaint *complaint, const char *name, int error)
{
    switch (error) {
    case ENOENT:
    case ENOTDIR:
        return complain(complaint, "its directory does not exist; make it, or give another path");
    case EACCES:
    case EPERM:
    case EROFS:
        return complain(
            complaint,
            "%s cannot be written (%s); let the user that partyline runs as write it and "
            "its directory",
            name, strerror(error));
    case EISDIR:
        return complain(complaint, "it is a directory; give the path of a file in it");
    default:
        return complain(complaint, "%s: %s", name, strerror(error));
    }
}

/* Writes the path of the file itself: a link to it and the file have one lock. */
static bool find_path(struct data_file *file, const struct complaint *complaint)
{
    char *resolved = realpath(complaint->path, NULL);
    const char *path = resolved != NULL ? resolved : complaint->path;
    size_t length = strlen(path);
    bool fits = length + sizeof LOCK_SUFFIX <= sizeof file->path;
    if (fits)
        memcpy(file->path, path, length + 1);
    free(resolved);
    return fits || complain(complaint, "%s", strerror(ENAMETOOLONG));
}

/* Creates the file if there is none, so that it has the right mode, and finds out what hinders. */
static bool create(const struct complaint *complaint)
{
    struct stat status;
    int fd = open(complaint->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, FILE_MODE);
    if (fd < 0)
        return complain_of_opening(complaint, complaint->path, errno);
    bool regular = fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
    close(fd);
    return regular || complain(complaint, "it is no regular file; give another path");
}

static bool lock(struct data_file *file, const struct complaint *complaint)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    char path[DATA_FILE_PATH_SIZE + sizeof LOCK_SUFFIX];
    snprintf(path, sizeof path, "%s" LOCK_SUFFIX, file->path);
    file->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, FILE_MODE);
    if (file->lock < 0)
        return complain_of_opening(complaint, path, errno);
    if (fcntl(file->lock, F_SETLK, &whole) == 0)
        return true;
    bool held = errno == EACCES || errno == EAGAIN;
    int error = errno;
    struct flock holder = whole;
    if (held && fcntl(file->lock, F_GETLK, &holder) == 0 && holder.l_type != F_UNLCK)
        complain(
            complaint,
            "another partyline, process %ld, uses it; stop that one, or give this one a file of "
            "its own",
            (long)holder.l_pid);
    else
        complain(complaint, "%s cannot be locked: %s", path, strerror(error));
    close(file->lock);
    return false;
}

/* Says what SQLite found. */
static bool complain_of_database(const struct complaint *complaint, struct database *database)
{
    int error = database->error & 0xFF; /* the primary one */
    int cause = database_errno(database);
    if (cause == ENOSPC)
        return complain(complaint, "the disk is full; make room on it");
    switch (error) {
    case SQLITE_NOTADB:
        return complain(complaint, "it is no SQLite database: it is another program's, or damaged; "
                                   "give another path, or put back a copy");
    case SQLITE_CORRUPT:
        return complain(complaint,
                        "it is damaged; put back a copy, or save what can be read with sqlite3's "
                        ".recover");
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
        return complain(complaint,
                        "it cannot be written (%s); let the user that partyline runs as "
                        "write it and its directory",
                        sqlite3_errstr(database->error));
    case SQLITE_BUSY:
        return complain(complaint, "another program has locked it; close that one");
    case SQLITE_IOERR:
        return complain(complaint, "%s%s%s", sqlite3_errstr(database->error),
                        cause != 0 ? ": " : "", cause != 0 ? strerror(cause) : "");
    default:
        return complain(complaint, "%s",
                        database->handle != NULL && error == SQLITE_ERROR
                            ? sqlite3_errmsg(database->handle)
                            : sqlite3_errstr(database->error));
    }
}

/* Checks whose file it is, and of which version. */
static bool check_schema(struct data_file *file, const struct complaint *complaint)
{
    struct database *database = &file->database;
    int64_t tables = database_number(database, "SELECT count(*) FROM sqlite_schema");
    int64_t application = tables < 0 ? -1 : database_number(database, "PRAGMA application_id");
    int64_t version = application < 0 ? -1 : database_number(database, "PRAGMA user_version");
    if (tables < 0 || (database->error != SQLITE_OK && version < 0))
        return complain_of_database(complaint, database);
    bool fresh = tables == 0 && application == 0 && version == 0;
    if (!fresh && application != SCHEMA_APPLICATION_ID)
        return complain(complaint, "it is another program's; give another path");
    if (version > SCHEMA_VERSION)
        return complain(complaint,
                        "its schema has version %lld, and this partyline knows none above %d; run "
                        "the newer partyline that wrote it",
                        (long long)version, (int)SCHEMA_VERSION);
    return true;
}

/*
 * FULL: a commit is on the disk when it returns, so that what is acknowledged survives a loss of
 * power, too. There are ten commits a second at most, unless somebody waits for one.
 */
static bool prepare(struct data_file *file, const struct complaint *complaint)
{
    struct database *database = &file->database;
    if (!database_open(database, file->path))
        return complain_of_database(complaint, database);
    if (!check_schema(file, complaint))
        return false;
    if (!database_run(database, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                                "PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON") ||
        !schema_upgrade(database, SCHEMA_VERSION))
        return complain_of_database(complaint, database);
    return true;
}

bool data_file_open(struct data_file *file, const char *path, char fault[DATA_FILE_FAULT_SIZE])
{
    const struct complaint complaint = {.path = path, .text = fault};
    fault[0] = '\0';
    if (!create(&complaint) || !find_path(file, &complaint) || !lock(file, &complaint))
        return false;
    if (prepare(file, &complaint))
        return true;
    data_file_close(file);
    return false;
}

void data_file_close(struct data_file *file)
{
    database_close(&file->database);
    close(file->lock);
}
