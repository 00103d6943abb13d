/*
 * A line editor for a terminal at the other end of a connection.
 *
 * Bytes from the terminal go in, events come out ("a line was entered"), and bytes for the terminal
 * go to a sink. The editor does not know sockets, telnet or the purpose of the lines. The terminal
 * must not echo and must send each key at once. The editor draws a prompt and the line being
 * written on one row, which is always the last one written to; all other output is printed above
 * it.
 *
 * There is one rule: only editor_refresh draws the prompt and the line. The other functions change
 * what is to be shown or remove it from the screen, and one call of editor_refresh after any number
 * of them brings the screen up to date. A caller that has received bytes does this:
 *
 *     while (used < length) {
 *         used += editor_feed(editor, bytes + used, length - used, &event);
 *         if (event == EDITOR_LINE) {
 *             text = editor_line(editor, &text_length);
 *             ...                                  (act on it)
 *             editor_print_above(editor, "Alice: hello\n", 13, &sink);
 *         } ...
 *     }
 *     editor_refresh(editor, &sink);
 *
 * A caller that has messages to show does this:
 *
 *     editor_print_above(editor, messages, messages_length, &sink);
 *     editor_refresh(editor, &sink);
 *
 * The sink's bytes of one such block should be sent in one piece.
 *
 * The keys are those of Emacs and of most shells: left, right, home, end, delete, Ctrl-A B D E F H
 * K L T U W, Meta-B D F Backspace, Control or Meta with left, right and delete; up, down, Ctrl-P
 * and Ctrl-N go through the lines that were entered; Ctrl-Y inserts what was last erased by keys
 * that erase more than a character, by several in a row together; TAB completes; Ctrl-C clears the
 * line. Ctrl-R searches the lines that were entered for the text that follows, and Ctrl-R again
 * finds an older one; Return enters the found line, Ctrl-C and Ctrl-G restore the line as it was,
 * and any other key, also Escape, keeps the found line for editing. See edit/keyboard for their
 * byte sequences. The bell rings when the line is full, and when there is no line to go to, no
 * candidate, or nothing to insert.
 *
 * Control characters in pasted text (bracketed paste, or text between editor_begin_paste and
 * editor_end_paste) have no effect as keys. Up to EDITOR_PASTED_LINES_MAX lines are entered as if
 * they were typed. More are held: Return enters them, including a last one without an end, and
 * Ctrl-C drops them. Until then the number of lines is shown instead of the prompt, further pastes
 * are appended, and all other keys only ring the bell. Without echo nothing is held.
 *
 * Memory: an idle editor holds itself and its prompt; a line being written at most its limit, and
 * what was erased of it as much again; a paste at most editor_paste_limit, until it is entered or
 * dropped; the
 * history at most HISTORY_LINES_MAX lines of that size, and the unfinished one. When memory is out
 * a key is refused with the bell, or a line is not remembered; a line of which text is missing for
 * that reason is not entered.
 *
 * Time: a key takes no longer in a long line than in a short one, except for bytes that are copied
 * when text before them changes, and for one pass over a line that is entered. A refresh takes as
 * long as writing one row. A caller that holds a lock meanwhile should feed a few hundred bytes at
 * a time.
 *
 * No function takes a lock: calls for one editor must not overlap. A completer must call none of
 * them but completion_add.
 */
#ifndef EDIT_EDITOR_H
#define EDIT_EDITOR_H

#include "edit/completion.h"
#include "edit/editor_event.h"
#include "edit/sink.h"

#include <stdbool.h>
#include <stddef.h>

struct editor;

enum { EDITOR_PASTED_LINES_MAX = 3 }; /* more lines are held until the person confirms them */

/*
 * Makes an editor for lines of at most line_bytes_max bytes, without a prompt, for a screen of 80
 * columns. complete may be NULL; it is called with context when TAB is pressed. Writes nothing; the
 * cursor must be at the start of an empty row. Returns NULL with errno ENOMEM if memory is out. The
 * caller frees it with editor_free.
 */
struct editor *editor_new(size_t line_bytes_max, completion_finder *complete, void *context);

/* Frees the editor and all it holds. Writes nothing: see editor_close. NULL is allowed. */
void editor_free(struct editor *editor);

/*
 * Sets the prompt to a copy: valid UTF-8, which may contain colours (SGR sequences) and should end
 * them. If it leaves less than 10 columns for the line, "> " is shown instead, and nothing on a
 * screen too narrow even for that. Returns 0, or -1 with errno ENOMEM and the old prompt kept.
 */
int editor_set_prompt(struct editor *editor, const char *prompt, size_t length);

/*
 * Sets whether typed text is shown; initially it is. Without echo, as for a password, the cursor
 * stays behind the prompt, lines are not remembered, there is no completion, and memory that held a
 * line is wiped. A change clears the line.
 */
void editor_set_echo(struct editor *editor, bool echo);

/*
 * Sets whether lines that are entered are added to the history, as they are at first. The answer to
 * a question should not be. Lines in the history stay there.
 */
void editor_set_remembering(struct editor *editor, bool remembering);

/*
 * Takes the line that was just entered, which has a secret, out of the history; the memory that
 * holds it is wiped.
 */
void editor_forget_entered(struct editor *editor);

/*
 * Sets whether the terminal shows nothing but ASCII; initially it shows all of UTF-8. Then each
 * column of any other character is drawn as a question mark; the line itself stays as it is.
 */
void editor_set_ascii(struct editor *editor, bool ascii);

/*
 * Sets the size of the screen. 0 is unknown; as a width it counts as 80. Of more than 1024 columns
 * only 1024 are used. Returns whether the width is another than before. Then the next change may
 * follow soon, as when somebody drags the window's edge; nothing should be drawn before the last
 * one.
 */
bool editor_resize(struct editor *editor, unsigned columns, unsigned rows);

/*
 * After a change of width, and before anything is drawn: asks the terminal for the cursor's
 * position, if the terminal may have broken the row into several and that cannot be computed.
 * Returns whether it asked. Then nothing should be printed or drawn while editor_is_asking();
 * whoever does gives the request up.
 */
bool editor_ask(struct editor *editor, const struct sink *sink);

/* Whether the answer has not arrived yet; it arrives by editor_feed. */
bool editor_is_asking(const struct editor *editor);

/* Returns the number of columns in use. */
unsigned editor_columns(const struct editor *editor);

/*
 * Processes input up to the first event. Stores the event, or EDITOR_NONE, and returns how many
 * bytes were used: all of them if there was no event. Used bytes must not be given again. An
 * unfinished character or sequence is continued by the next call. While editor_has_more, pasted
 * lines come first, and no input is used.
 *
 * An interrupt that is not sent as a byte (telnet's IP) is given as the byte 3, end of file as the
 * byte 4.
 */
size_t editor_feed(struct editor *editor, const char *bytes, size_t length,
                   enum editor_event *event);

/* Whether editor_feed has more events without any input: pasted lines. */
bool editor_has_more(const struct editor *editor);

/*
 * Begin and end a paste that the terminal does not mark. The second returns EDITOR_HELD, however
 * few the lines are; the event for a paste that could not be held; or EDITOR_NONE if nothing is
 * held.
 */
void editor_begin_paste(struct editor *editor);
enum editor_event editor_end_paste(struct editor *editor);

/* Whether input now counts as pasted. */
bool editor_is_pasting(const struct editor *editor);

/* Whether the terminal has ever marked a paste. */
bool editor_knows_pastes(const struct editor *editor);

/* The number of pasted lines that are held until the person decides; or 0. */
size_t editor_held(const struct editor *editor);

/* Drops the paste, without an event. */
void editor_drop_held(struct editor *editor);

/* The limit of a paste, in bytes. */
size_t editor_paste_limit(const struct editor *editor);

/*
 * The pasted lines that are still to be entered, each ended by LF, the last perhaps not. Not
 * NUL-terminated, valid until editor_feed or editor_close.
 */
const char *editor_unentered(const struct editor *editor, size_t *length);

/*
 * Returns how many bytes searches have compared since the last call, for a caller that limits the
 * cost of a client. Each step of a search is an event, so that the caller can release its lock.
 */
size_t editor_take_cost(struct editor *editor);

/*
 * The line of the last EDITOR_LINE: valid UTF-8 without control characters, not NUL-terminated,
 * never NULL. It stays valid until editor_feed, editor_refresh, editor_set_echo, editor_close or
 * editor_free.
 */
const char *editor_line(const struct editor *editor, size_t *length);

/*
 * The word before the cursor, as a completer is given it; empty if it is too long for that. It
 * stays valid until editor_feed, editor_set_echo, editor_close or editor_free.
 */
const char *editor_word(const struct editor *editor, size_t *length, bool *begins_line);

/*
 * Prints text above the prompt: one or more lines, each ended by LF or CR LF (the last may lack
 * it), of valid UTF-8. The text may contain WRAP_TEXT_BEGINS, TABs, BELs and SGR sequences, which
 * it should end and which should not change the background. It replaces the prompt and the line on
 * the screen, and editor_refresh draws them again below it. A line that is wider than the screen
 * continues on further rows, which are indented (edit/wrap), so that no row looks like another
 * line. After an EDITOR_LINE the caller prints the line in this way if it should stay on the
 * screen; otherwise it disappears.
 */
void editor_print_above(struct editor *editor, const char *text, size_t length,
                        const struct sink *sink);

/*
 * As editor_print_above(), for text that wrap_write_lines() has broken into rows for a screen of
 * editor_columns() columns.
 */
void editor_print_rows(struct editor *editor, const char *rows, size_t length,
                       const struct sink *sink);

/*
 * Brings the screen up to date with as little output as possible. The first call turns bracketed
 * paste on.
 */
void editor_refresh(struct editor *editor, const struct sink *sink);

/*
 * Restores the terminal: removes the prompt and the line, leaves the cursor at the start of an
 * empty row, and turns bracketed paste off. An unfinished line and a paste are dropped. The next
 * editor_refresh begins anew.
 */
void editor_close(struct editor *editor, const struct sink *sink);

#endif
