/*
 * printer: a screen (net/screen.h) that dresses lines and never draws anything again. It is for a
 * client that speaks telnet and has reported its terminal's type, but edits its own lines. The
 * handler's face says how lines look (net/terminal.h).
 *
 * A printer is guarded by the lock of its outbox, as every screen is. The functions below are for
 * the thread that opened it, and take that lock.
 */
#ifndef NET_PRINTER_H
#define NET_PRINTER_H

struct outbox;
struct printer;
struct terminal_face;

/*
 * Opens a printer as the screen of an outbox that has none. Face and outbox must outlive it.
 * Returns NULL when memory is out, or output has failed.
 */
struct printer *printer_open(struct outbox *outbox, const struct terminal_face *face);

/* Closes and frees the printer. Text is sent without a screen again. */
void printer_close(struct printer *printer);

/* Calls `change`, which changes the data that the face reads, with the outbox lock held. */
void printer_change_face(struct printer *printer, void (*change)(void *context, const void *what),
                         void *context, const void *what);

#endif
