#include "base/platform.h"

#include "options/option_privileges.h"

#include <stddef.h>

bool option_privileges_find(struct privileges *privileges, const struct options *options,
                            option_report *report, void *context)
{
    char fault[PRIVILEGES_FAULT_SIZE];
    struct option_fault blame;
    *privileges = (struct privileges){.folder = NULL};
    bool has_user = options->user == NULL || privileges_find_user(privileges, options->user, fault);
    if (!has_user) {
        blame = option_reading_blame(options, "user", fault);
        report(context, &blame);
    }
    bool has_folder =
        options->folder == NULL || privileges_find_folder(privileges, options->folder, fault);
    if (!has_folder) {
        blame = option_reading_blame(options, "chroot", fault);
        report(context, &blame);
    }
    return has_user && has_folder;
}
