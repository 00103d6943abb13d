/*
 * platform: what POSIX.1-2008 lacks and every system we call home has. This is the one place
 * where a system may be named; each exception stands with its reason.
 *
 * Include it before any system header: it asks for the names that strict headers would hide.
 */
#ifndef BASE_PLATFORM_H
#define BASE_PLATFORM_H

#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700 /* POSIX.1-2008 with the XSI option: tsearch, for the hosts' counts */
#endif

#ifdef __APPLE__
/* Strict macOS headers hide MSG_DONTWAIT, and Darwin has no pthread_condattr_setclock. */
#define _DARWIN_C_SOURCE                 1
#define PLATFORM_RELATIVE_CONDITION_WAIT 1
#endif

#if defined(__FreeBSD__) || defined(__DragonFly__)
#define __BSD_VISIBLE 1 /* MSG_DONTWAIT and getopt_long, hidden by strict headers */
#endif

#ifdef __NetBSD__
#define _NETBSD_SOURCE 1 /* the same */
#endif

#ifdef __OpenBSD__
#define _BSD_SOURCE 1 /* the same */
#endif

#include <sys/socket.h>

/*
 * MSG_DONTWAIT: one send that must not wait on a socket whose reads do wait. O_NONBLOCK is a
 * property of the open socket and would take SO_RCVTIMEO's waiting away with it.
 */
#ifndef MSG_DONTWAIT
#error "partyline needs MSG_DONTWAIT, which Linux, the BSDs, macOS and illumos have"
#endif

/* MSG_NOSIGNAL came late to macOS. SIGPIPE is ignored anyway; this only says so again. */
#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

/* TCP_NODELAY is in POSIX's <netinet/tcp.h>; older strict headers leave it out. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#ifndef TCP_NODELAY
#error "partyline needs TCP_NODELAY"
#endif

#endif
