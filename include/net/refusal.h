/* refusal: why a connection is turned away before it is served, for figures. */
#ifndef NET_REFUSAL_H
#define NET_REFUSAL_H

enum refusal {
    REFUSAL_FULL,         /* as many clients are here as may be */
    REFUSAL_CROWDED,      /* or as many of its host */
    REFUSAL_ADDRESS_FULL, /* or at an address that has a limit of its own */
    REFUSAL_BANNED,       /* the gate is closed for its address */
    REFUSAL_MEMORY,
    REFUSAL_THREAD,
    REFUSAL_DESCRIPTOR,
    REFUSAL_PROXY, /* its proxy has told nothing, or nonsense */
    REFUSAL_TLS    /* its handshake has failed */
};

enum { REFUSALS = REFUSAL_TLS + 1 };

/* Returns a word for it. */
const char *refusal_word(enum refusal refusal);

#endif
