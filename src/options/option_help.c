#include "base/platform.h"

#include "cluster/node.h"
#include "options/option_help.h"
#include "options/option_row.h"
#include "store/store.h"
#include "tls/tls.h"

#include <stdio.h>

static void print_row(const struct option_row *row)
{
    char left[40];
    char letter[4] = "   ";
    if (row->letter != 0)
        snprintf(letter, sizeof letter, "-%c,", row->letter);
    snprintf(left, sizeof left, "%s --%s%s%s", letter, row->name, row->argument != NULL ? " " : "",
             row->argument != NULL ? row->argument : "");
    printf("  %-28s %s\n", left, row->help);
}

void option_help_print(void)
{
    const struct option_row *row;
    printf("Usage: partyline [OPTIONS]\n"
           "A chat server that anyone can telnet into.\n\n");
    for (size_t i = 0; (row = option_row_at(i)) != NULL; i++)
        print_row(row);
}

void option_help_print_version(const char *version)
{
    char store[STORE_FEATURES_SIZE];
    char cluster[NODE_FEATURES_SIZE];
    char tls[TLS_FEATURES_SIZE];
    printf("partyline %s (%s; %s; %s)\n", version, store_features(store), node_features(cluster),
           tls_features(tls));
}
