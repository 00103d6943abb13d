/*
 * platform: the few features beyond POSIX.1-2008 that the program uses, and how to get them. No
 * other file names a system; each exception states its reason.
 *
 * Include it before any system header: it defines the feature test macros.
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
 * MSG_DONTWAIT makes one send non-blocking on a socket whose reads block. O_NONBLOCK would apply to
 * the reads as well, and SO_RCVTIMEO would have no effect.
 */
#ifndef MSG_DONTWAIT
#error "partyline needs MSG_DONTWAIT, which Linux, the BSDs, macOS and illumos have"
#endif

/*
 * Older versions of macOS lack MSG_NOSIGNAL. The program ignores SIGPIPE, so no flag is needed
 * there.
 */
#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

/* TCP_NODELAY is in POSIX's <netinet/tcp.h>; older strict headers leave it out. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#ifndef TCP_NODELAY
#error "partyline needs TCP_NODELAY"
#endif

/*
 * When TCP asks a silent peer whether it is there: POSIX.1-2008 has SO_KEEPALIVE, and leaves the
 * times to the system (POSIX.1-2024 has them). macOS has one by another name; OpenBSD has none, and
 * its own times are then kept.
 */
#if defined(TCP_KEEPINTVL) && defined(TCP_KEEPCNT) && defined(TCP_KEEPIDLE)
#define PLATFORM_KEEPALIVE_IDLE TCP_KEEPIDLE
#elif defined(TCP_KEEPINTVL) && defined(TCP_KEEPCNT) && defined(TCP_KEEPALIVE)
#define PLATFORM_KEEPALIVE_IDLE TCP_KEEPALIVE
#endif

/*
 * setgroups() and chroot() are not in POSIX.1-2008, which says nothing of root: without them a
 * server that starts as root could not give up all of that. Every system has them, in <grp.h> or
 * <unistd.h>; strict headers of Linux and illumos hide both.
 */
#include <stddef.h>
#include <sys/types.h>
#if defined(__linux__) && !defined(_GNU_SOURCE) /* which has them shown */
int setgroups(size_t count, const gid_t *groups);
int chroot(const char *path);
#elif defined(__sun)
int setgroups(int count, const gid_t *groups);
int chroot(const char *path);
#endif

/*
 * Tells the processor that memory at an address will be read soon. C has no word for it; elsewhere
 * it does nothing.
 */
#ifdef __GNUC__
#define PLATFORM_PREFETCH(address) __builtin_prefetch(address)
#else
#define PLATFORM_PREFETCH(address) ((void)(address))
#endif

#endif
