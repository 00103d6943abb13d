#include "base/platform.h"

#include "net/telnet_option.h"

/* RFC 1143's states; those with BUT have the opposite request queued. */
enum state { NO, YES, WANT_NO, WANT_NO_BUT_YES, WANT_YES, WANT_YES_BUT_NO };

static enum telnet_word turn(struct telnet_option *option, enum state state, enum telnet_word word)
{
    option->state = (uint8_t)state;
    return word;
}

static enum telnet_word want_on(struct telnet_option *option)
{
    switch (option->state) {
    case NO:
        return turn(option, WANT_YES, TELNET_SAY_YES);
    case WANT_NO:
        return turn(option, WANT_NO_BUT_YES, TELNET_SAY_NOTHING);
    case WANT_YES_BUT_NO:
        return turn(option, WANT_YES, TELNET_SAY_NOTHING);
    default:
        return TELNET_SAY_NOTHING;
    }
}

static enum telnet_word want_off(struct telnet_option *option)
{
    switch (option->state) {
    case YES:
        return turn(option, WANT_NO, TELNET_SAY_NO);
    case WANT_NO_BUT_YES:
        return turn(option, WANT_NO, TELNET_SAY_NOTHING);
    case WANT_YES:
        return turn(option, WANT_YES_BUT_NO, TELNET_SAY_NOTHING);
    default:
        return TELNET_SAY_NOTHING;
    }
}

enum telnet_word telnet_option_want(struct telnet_option *option, bool on)
{
    return on ? want_on(option) : want_off(option);
}

static enum telnet_word hear_yes(struct telnet_option *option, bool agree)
{
    switch (option->state) {
    case NO:
        return agree ? turn(option, YES, TELNET_SAY_YES) : TELNET_SAY_NO;
    case WANT_NO: /* the peer answered no with yes, which is an error; it counts as answered */
        return turn(option, NO, TELNET_SAY_NOTHING);
    case WANT_NO_BUT_YES:
    case WANT_YES:
        return turn(option, YES, TELNET_SAY_NOTHING);
    case WANT_YES_BUT_NO:
        return turn(option, WANT_NO, TELNET_SAY_NO);
    default:
        return TELNET_SAY_NOTHING;
    }
}

static enum telnet_word hear_no(struct telnet_option *option)
{
    switch (option->state) {
    case YES:
        return turn(option, NO, TELNET_SAY_NO);
    case WANT_NO_BUT_YES:
        return turn(option, WANT_YES, TELNET_SAY_YES);
    default:
        return turn(option, NO, TELNET_SAY_NOTHING);
    }
}

enum telnet_word telnet_option_hear(struct telnet_option *option, bool yes, bool agree)
{
    return yes ? hear_yes(option, agree) : hear_no(option);
}

bool telnet_option_is_on(const struct telnet_option *option)
{
    return option->state == YES;
}

bool telnet_option_is_asked(const struct telnet_option *option)
{
    return option->state >= WANT_NO;
}
