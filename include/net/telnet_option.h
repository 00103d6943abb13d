/*
 * telnet_option: one option on one side of a connection, by the Q method of RFC 1143: a request
 * is made only to change something and an answer given only where something changes, so two sides
 * can never answer each other for ever. It knows neither which option it is nor whose; yes stands
 * for WILL or DO, no for WONT or DONT.
 */
#ifndef NET_TELNET_OPTION_H
#define NET_TELNET_OPTION_H

#include <stdbool.h>
#include <stdint.h>

/* What to say to the peer. */
enum telnet_word { TELNET_SAY_NOTHING, TELNET_SAY_YES, TELNET_SAY_NO };

/* All zero is an option that is off, as every option is at first. */
struct telnet_option {
    uint8_t state;
};

/* Wants the option on or off. What to say; the request may also wait for an earlier answer. */
enum telnet_word telnet_option_want(struct telnet_option *option, bool on);

/*
 * The peer said yes or no, to ask or to answer. What to say; `agree` is whether to agree if it
 * asks for an option that is off. The option is off and stays so after TELNET_SAY_NO to a yes.
 */
enum telnet_word telnet_option_hear(struct telnet_option *option, bool yes, bool agree);

/* Whether it is on: both sides have agreed, and neither has asked to end it. */
bool telnet_option_is_on(const struct telnet_option *option);

/* Whether a request of ours waits for its answer. */
bool telnet_option_is_asked(const struct telnet_option *option);

#endif
