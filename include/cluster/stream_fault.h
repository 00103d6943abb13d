/*
 * stream_fault: sentences, without their end, about what hinders a stream. They are written into
 * STREAM_FAULT_SIZE bytes; NULL: nobody wants to know.
 */
#ifndef CLUSTER_STREAM_FAULT_H
#define CLUSTER_STREAM_FAULT_H

#include <nats/nats.h>

#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
void
stream_fault_tell(char *fault, const char *format, ...);

/* Tells what the library says of the last call of this thread, behind "WHAT: ". */
void stream_fault_tell_status(char *fault, const char *what, natsStatus status);

/* What became of a question to JetStream: it is answered, it can be asked again, or not. */
enum stream_answer { STREAM_DONE, STREAM_AGAIN, STREAM_NEVER };

/* Returns what became of it, and tells why if it is not answered. */
enum stream_answer stream_fault_judge(natsStatus status, jsErrCode code, char *fault);

#endif
