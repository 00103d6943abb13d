/*
 * fuzz_name: whatever somebody types as a name, what is accepted is bounded, equals itself in every
 * form, cannot be told from its folded form, and leaves no line in doubt.
 *
 * The input is one name; what is in front of its first LF, if it has one, and another one behind.
 */
#include "base/platform.h"

#include "base/unicode.h"
#include "chat/name.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { INPUT_BYTES_MAX = 600 };

static void expect(bool holds)
{
    if (!holds)
        abort();
}

static void check_fault(const char *fault)
{
    size_t length = strlen(fault);
    expect(length > 0 && fault[length - 1] == '.' && memchr(fault, '\n', length) == NULL);
}

/* What holds of every name that is accepted. */
static void check_name(const char *name)
{
    char folded[NAME_FOLDED_SIZE];
    char again[NAME_FOLDED_SIZE];
    size_t length = strlen(name);
    expect(length > 0 && strpbrk(name, " \t:*[]()/#@,<>\"\\\033") == NULL);
    name_fold(name, folded);
    name_fold(folded, again);
    expect(*folded != '\0' && strcmp(folded, again) == 0);
    expect(name_equals(name, name) && name_looks_like(name, name));
    expect(name_equals(name, folded) && name_looks_like(name, folded));
    expect(name_hash(name, NAME_CASELESS) == name_hash(folded, NAME_CASELESS));
    expect(name_match(name, name, length) == length);
    expect(name_begins_with(name, length, name, length));
}

static void check_pair(const char *left, const char *right)
{
    bool alike = name_looks_like(left, right);
    bool hashed = name_hash(left, NAME_CASELESS) == name_hash(right, NAME_CASELESS) ||
                  name_hash(left, NAME_AS_TYPED) == name_hash(right, NAME_AS_TYPED);
    expect(alike == name_looks_like(right, left) && alike == hashed);
    expect(alike || !name_equals(left, right));
}

/* Returns whether the bytes are a name, which is written then. */
static bool take_name(const char *bytes, size_t length, char name[NAME_SIZE])
{
    char suggestion[NAME_SIZE];
    const char *fault = name_fault(bytes, length);
    if (name_suggest(bytes, length, suggestion)) {
        expect(fault != NULL && name_fault(suggestion, strlen(suggestion)) == NULL);
        check_name(suggestion);
    }
    if (fault != NULL) {
        check_fault(fault);
        return false;
    }
    expect(length <= NAME_BYTES_MAX && memchr(bytes, '\0', length) == NULL);
    memcpy(name, bytes, length);
    name[length] = '\0';
    check_name(name);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char names[2][NAME_SIZE];
    if (size == 0 || size > INPUT_BYTES_MAX)
        return 0;
    const uint8_t *end = memchr(data, '\n', size);
    size_t length = end != NULL ? (size_t)(end - data) : size;
    size_t behind = length < size ? size - length - 1 : 0;
    const char *bytes = (const char *)data;
    bool first = take_name(bytes, length, names[0]);
    bool second = take_name(bytes + size - behind, behind, names[1]);
    if (first && second)
        check_pair(names[0], names[1]);
    if (first) {
        name_match(names[0], bytes, size);
        name_begins_with(bytes, length, bytes + size - behind, behind);
    }
    return 0;
}
