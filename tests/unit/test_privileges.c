/*
 * privileges, in a process of its own where they are dropped. As root it all happens; as anybody
 * else it is refused.
 */
#include "suites.h"
#include "peer.h"

#include "base/privileges.h"

#include <CUnit/CUnit.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY "nobody"

/* Runs it in a child. Returns what it returned. */
static int run(int (*act)(void))
{
    int status = -1;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        _exit(act());
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void one_can_be_oneself(void)
{
    struct privileges privileges = {0};
    char fault[PRIVILEGES_FAULT_SIZE] = "";
    char self[256] = "";
    const struct passwd *entry = getpwuid(getuid());
    if (entry != NULL) /* which the next look-up overwrites */
        snprintf(self, sizeof self, "%s", entry->pw_name);
    CU_ASSERT_FALSE(privileges_find_user(&privileges, "nobody-has-this-name", fault));
    CU_ASSERT_STRING_EQUAL(fault, "there is no user 'nobody-has-this-name'");
    if (entry == NULL)
        return;
    CU_ASSERT_TRUE(privileges_find_user(&privileges, self, fault));
    CU_ASSERT_FALSE(privileges.changes);
    CU_ASSERT_TRUE(privileges_drop(&privileges, fault));
    CU_ASSERT_EQUAL(privileges_are_roots(), getuid() == 0);
}

static int become_nobody(void)
{
    struct privileges privileges = {0};
    char fault[PRIVILEGES_FAULT_SIZE] = "";
    gid_t groups[] = {0, 1, 2};
    if (setgroups(3, groups) < 0)
        return 1;
    if (!privileges_find_user(&privileges, NOBODY, fault) || !privileges.changes)
        return 2;
    if (!privileges_drop(&privileges, fault))
        return 3;
    if (getuid() != privileges.user || geteuid() != privileges.user || privileges_are_roots())
        return 4;
    if (getgid() != privileges.group || getegid() != privileges.group || getgroups(0, NULL) > 1)
        return 5;
    if (setuid(0) == 0 || setgid(0) == 0)
        return 6;
    return privileges_find_user(&privileges, "root", fault) ||
                   strcmp(fault, "only root can become 'root'") != 0
               ? 7
               : 0;
}

static void another_user_is_for_good(void)
{
    struct privileges privileges = {0};
    char fault[PRIVILEGES_FAULT_SIZE] = "";
    if (getuid() == 0) {
        CU_ASSERT_EQUAL(run(become_nobody), 0);
        return;
    }
    CU_ASSERT_FALSE(privileges_find_user(&privileges, "root", fault));
    CU_ASSERT_STRING_EQUAL(fault, "only root can become 'root'");
}

static char folder[] = "/tmp/partyline-unit-XXXXXX";

static int enter_folder(void)
{
    struct privileges privileges = {0};
    char fault[PRIVILEGES_FAULT_SIZE] = "";
    char path[64];
    if (!privileges_find_folder(&privileges, folder, fault) || !privileges_drop(&privileges, fault))
        return 1;
    if (getcwd(path, sizeof path) == NULL || strcmp(path, "/") != 0)
        return 2;
    return access("/tmp", F_OK) == 0 || access("../tmp", F_OK) == 0 || access("/here", F_OK) != 0
               ? 3
               : 0;
}

static void a_folder_is_the_root(void)
{
    struct privileges privileges = {0};
    char fault[PRIVILEGES_FAULT_SIZE] = "";
    char path[64];
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/here", folder);
    close(open(path, O_CREAT | O_WRONLY, 0600));
    if (getuid() == 0)
        CU_ASSERT_EQUAL(run(enter_folder), 0);
    if (getuid() != 0)
        CU_ASSERT_FALSE(privileges_find_folder(&privileges, folder, fault));
    CU_ASSERT_FALSE(privileges_find_folder(&privileges, path, fault));
    CU_ASSERT_PTR_NOT_NULL(strstr(fault, "Not a directory"));
    unlink(path);
    rmdir(folder);
    CU_ASSERT_FALSE(privileges_find_folder(&privileges, folder, fault));
    CU_ASSERT_PTR_NOT_NULL(strstr(fault, "cannot make /tmp/partyline-unit-"));
}

void add_privileges_suite(void)
{
    static const struct test tests[] = {
        {"a user is found, and one can be who one is", one_can_be_oneself},
        {"who becomes another user has no group and no way back", another_user_is_for_good},
        {"a folder becomes the root", a_folder_is_the_root},
    };
    suite_add("privileges", tests, sizeof tests / sizeof *tests);
}
