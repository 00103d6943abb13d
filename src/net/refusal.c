#include "base/platform.h"

#include "net/refusal.h"

const char *refusal_word(enum refusal refusal)
{
    static const char *const words[REFUSALS] = {[REFUSAL_FULL] = "full",
                                                [REFUSAL_CROWDED] = "crowded",
                                                [REFUSAL_ADDRESS_FULL] = "address-full",
                                                [REFUSAL_BANNED] = "banned",
                                                [REFUSAL_MEMORY] = "memory",
                                                [REFUSAL_THREAD] = "thread",
                                                [REFUSAL_DESCRIPTOR] = "descriptor",
                                                [REFUSAL_PROXY] = "proxy",
                                                [REFUSAL_TLS] = "tls"};
    return words[refusal];
}
