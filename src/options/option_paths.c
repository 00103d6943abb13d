#include "base/platform.h"

#include "options/option_paths.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

const char *option_paths_below(const struct options *options, const char *path,
                               char below[OPTION_CAUSE_SIZE])
{
    const char *folder = options->folder != NULL ? options->folder : "";
    size_t length = strlen(folder);
    while (length > 0 && folder[length - 1] == '/')
        length--;
    if (options->folder != NULL)
        path += strspn(path, "/");
    snprintf(below, OPTION_CAUSE_SIZE, "%.*s%s%s", (int)length, folder,
             options->folder != NULL ? "/" : "", path);
    return below;
}

/* Whether the value of an option is the path of a file that a server opens. */
static bool has_file(const struct option_row *row)
{
    bool has_path = row->kind == OPTION_PATH || row->kind == OPTION_DATA || row->kind == OPTION_TLS;
    return has_path && strcmp(row->name, "chroot") != 0 && strcmp(row->name, "cluster-import") != 0;
}

/* Returns the path of an option, or NULL; `place` may be used for it. */
static const char *path_of(const struct options *options, const struct option_row *row,
                           char place[OPTION_CAUSE_SIZE])
{
    const char *path = *(const char *const *)(const void *)((const char *)options + row->place);
    if (path != NULL && row->written)
        return option_paths_below(options, path, place);
    return path;
}

static bool are_both_there_and_one(const char *path, const char *other)
{
    struct stat status, other_status;
    return stat(path, &status) == 0 && stat(other, &other_status) == 0 &&
           status.st_dev == other_status.st_dev && status.st_ino == other_status.st_ino;
}

/* Returns the name behind the folders of a path. */
static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

/* Writes the path of the folder in which a file is. Returns whether it fits. */
static bool write_folder(const char *path, char folder[OPTION_CAUSE_SIZE])
{
    int length = (int)(name_of(path) - path);
    return snprintf(folder, OPTION_CAUSE_SIZE, "%.*s.", length, path) < OPTION_CAUSE_SIZE;
}

/* Whether two paths mean one file, also if that is still to be made. */
static bool is_one_file(const char *path, const char *other)
{
    char folder[OPTION_CAUSE_SIZE], other_folder[OPTION_CAUSE_SIZE];
    if (strcmp(path, other) == 0 || are_both_there_and_one(path, other))
        return true;
    return strcmp(name_of(path), name_of(other)) == 0 && write_folder(path, folder) &&
           write_folder(other, other_folder) && are_both_there_and_one(folder, other_folder);
}

/* Returns an option of the same file as one that is written, or NULL. */
static const struct option_row *find_other(const struct options *options,
                                           const struct option_row *written)
{
    char place[OPTION_CAUSE_SIZE], other_place[OPTION_CAUSE_SIZE];
    const struct option_row *row;
    const char *path = path_of(options, written, place);
    for (size_t i = 0; path != NULL && (row = option_row_at(i)) != NULL; i++) {
        const char *other =
            row != written && has_file(row) ? path_of(options, row, other_place) : NULL;
        if (other != NULL && is_one_file(path, other))
            return row;
    }
    return NULL;
}

const char *option_paths_find_clash(const struct options *options, char cause[OPTION_CAUSE_SIZE])
{
    const struct option_row *row;
    for (size_t i = 0; (row = option_row_at(i)) != NULL; i++) {
        const struct option_row *other = row->written ? find_other(options, row) : NULL;
        if (other == NULL)
            continue;
        snprintf(cause, OPTION_CAUSE_SIZE,
                 "it is the file of --%s, too; give each a file of its own", other->name);
        return row->name;
    }
    return NULL;
}
