/*
 * telnet_option: one option on one side of a connection, by the Q method of RFC 1143: a request is
 * made only to change something and an answer given only where something changes, so two sides
 * cannot answer each other for ever. It knows neither which option it is nor on whose side; yes
 * stands for WILL or DO, no for WONT or DONT.
 */
#ifndef NET_TELNET_OPTION_H
#define NET_TELNET_OPTION_H

#include <stdbool.h>
#include <stdint.h>

/* What to say to the peer. */
enum telnet_word { TELNET_SAY_NOTHING, TELNET_SAY_YES, TELNET_SAY_NO };

/* All zero is an option that is off, the initial state of every option. */
struct telnet_option {
    uint8_t state;
};

/*
 * Requests the option on or off. Returns what to say to the peer; the request may be delayed until
 * an earlier one is answered.
 */
enum telnet_word telnet_option_want(struct telnet_option *option, bool on);

/*
 * Processes a yes or no of the peer, which is a request or an answer. Returns what to say to it.
 * `agree`: accept a request for an option that is off. After TELNET_SAY_NO to a yes the option is
 * off.
 */
enum telnet_word telnet_option_hear(struct telnet_option *option, bool yes, bool agree);

/* Whether the option is on: both sides have agreed, and neither has asked to end it. */
bool telnet_option_is_on(const struct telnet_option *option);

/* Whether a request of ours waits for its answer. */
bool telnet_option_is_asked(const struct telnet_option *option);

#endif
