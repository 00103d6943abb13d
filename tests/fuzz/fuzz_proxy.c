/*
 * fuzz_proxy: whatever a proxy sends first, a header is the same in whatever pieces it comes, ends
 * where it says, and tells an address that has a name.
 *
 * The first byte of the input is the length of the pieces.
 */
#include "base/platform.h"

#include "net/peer_name.h"
#include "net/proxy_header.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool holds)
{
    if (!holds)
        abort();
}

static enum proxy_header_state take(struct proxy_header *header, const uint8_t *bytes,
                                    size_t length, size_t piece, size_t *taken)
{
    enum proxy_header_state state = PROXY_HEADER_UNFINISHED;
    *taken = 0;
    while (state == PROXY_HEADER_UNFINISHED && *taken < length) {
        size_t used, some = length - *taken < piece ? length - *taken : piece;
        state = proxy_header_take(header, bytes + *taken, some, &used);
        expect(used > 0 && used <= some && (used == some || state != PROXY_HEADER_UNFINISHED));
        *taken += used;
    }
    return state;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct proxy_header whole = {.taken = 0}, pieced = {.taken = 0};
    char name[PEER_NAME_SIZE];
    size_t taken, taken_in_pieces;
    if (size < 2)
        return 0;
    size_t piece = 1 + data[0] % 32;
    enum proxy_header_state state = take(&whole, data + 1, size - 1, size, &taken);
    expect(take(&pieced, data + 1, size - 1, piece, &taken_in_pieces) == state);
    expect(taken == taken_in_pieces && whole.told == pieced.told &&
           memcmp(&whole.source, &pieced.source, sizeof whole.source) == 0);
    expect(!whole.told || state == PROXY_HEADER_WHOLE);
    if (whole.told) {
        peer_name_write(&whole.source, name);
        expect(strncmp(name, "unknown", 7) != 0);
    }
    return 0;
}
