#include "base/platform.h"

#include "base/clock.h"
#include "edit/burst.h"
#include "edit/wrap.h"
#include "net/outbox.h"
#include "net/terminal.h"

#include <stdlib.h>
#include <string.h>

/* The state of a paste that the terminal does not mark. */
enum burst_stage {
    NO_BURST,
    AFTER_BURST,     /* pieces of it are held, and more may follow */
    AFTER_LONG_BURST /* it could not be held; the rest is dropped too, until a key is pressed */
};

/*
 * How long nothing is drawn after a change of width, and after one that follows another within a
 * second. While somebody drags the window's edge, the next change is on its way, and output for a
 * width that the screen does not have any more would leave pieces of the prompt's row. tmux reports
 * such a change a quarter of a second late.
 */
#define SETTLING_NANOSECONDS (50 * CLOCK_MILLISECOND)
#define DRAGGING_NANOSECONDS (300 * CLOCK_MILLISECOND)

/*
 * How long the terminal may take to report its cursor's position. On a slow link it takes more than
 * a second if a packet is lost.
 */
#define ANSWER_NANOSECONDS (2 * CLOCK_SECOND)

enum { HELD_BYTES_MAX = 8 * 1024 }; /* of lines; with more, drawing does not wait any longer */

struct terminal {
    struct screen screen; /* the first member, since functions cast a screen to its terminal */
    struct outbox *outbox;
    const struct terminal_face *face;
    /* Guarded by the outbox lock, like the screen. */
    struct editor *editor;
    size_t told_lines;  /* what the last line on the screen says is held; 0 if another line */
    bool asked;         /* drawing waits for the cursor's position, not for the width to settle */
    int64_t resized_at; /* the last change of width (clock_now()) */
    int64_t waits_till; /* until then (clock_now()) drawing waits; 0: it does not */
    struct buffer held; /* dressed lines, to be printed then */

    /* For the feeding thread alone. */
    bool unsettled;    /* drawing may be waiting */
    size_t cost;       /* of searches */
    bool has_more;     /* the editor has events without any keys */
    bool pasting;      /* the keys are pasted text */
    bool holding;      /* a paste waits for the person's decision */
    bool knows_pastes; /* the terminal has marked a paste */
    bool in_burst;     /* the keys are a paste that the terminal does not mark */
    enum burst_stage stage;
    struct burst burst;
};

/* Collects the editor's output and remembers whether memory was out. */
struct drawing {
    struct buffer *out;
    bool whole;
};

static void draw(void *context, const char *bytes, size_t length)
{
    struct drawing *drawing = context;
    drawing->whole = drawing->whole && buffer_append(drawing->out, bytes, length);
}

/* Converts dressed lines to rows, which are the same for all terminals of that width. */
static bool make_rows(const char *lines, size_t length, unsigned columns, struct buffer *out)
{
    struct drawing drawing = {out, true};
    wrap_write_lines(lines, length, columns, &(struct sink){draw, &drawing});
    return drawing.whole;
}

static const struct encoding to_rows = {make_rows};

/*
 * The functions from here on must be called with the outbox lock held.
 */

/* Prints dressed lines above the prompt, now. */
static bool print_above(struct terminal *terminal, const char *lines, size_t length,
                        struct buffer *out)
{
    struct drawing drawing = {out, true};
    if (length > 0)
        editor_print_above(terminal->editor, lines, length, &(struct sink){draw, &drawing});
    terminal->screen.stale = true;
    terminal->told_lines = 0;
    return drawing.whole;
}

static bool print_rows(struct screen *screen, const char *lines, size_t length, struct buffer *out)
{
    struct terminal *terminal = (struct terminal *)screen;
    struct drawing drawing = {out, true};
    editor_print_rows(terminal->editor, lines, length, &(struct sink){draw, &drawing});
    screen->stale = true;
    terminal->told_lines = 0;
    return drawing.whole;
}

/* Lets drawing go on, and prints what was held. */
static bool stop_waiting(struct terminal *terminal, struct buffer *out)
{
    struct buffer held = terminal->held;
    terminal->held = (struct buffer){0};
    terminal->waits_till = 0;
    terminal->screen.columns = editor_columns(terminal->editor);
    bool whole = print_above(terminal, buffer_bytes(&held), buffer_length(&held), out);
    buffer_free(&held);
    return whole;
}

/*
 * Ends a wait whose time is over, or whose answer has arrived. Behind the wait for the width to
 * settle, the wait for the cursor's position follows if the editor must know that.
 */
static bool settle(struct terminal *terminal, struct buffer *out)
{
    struct drawing drawing = {out, true};
    bool answered = terminal->asked && !editor_is_asking(terminal->editor);
    if (terminal->waits_till == 0 || (!answered && clock_now() < terminal->waits_till))
        return true;
    if (terminal->asked || !editor_ask(terminal->editor, &(struct sink){draw, &drawing}))
        return stop_waiting(terminal, out);
    terminal->asked = true;
    terminal->waits_till = clock_now() + ANSWER_NANOSECONDS;
    return drawing.whole;
}

/* Prints dressed lines above the prompt, or holds them while drawing waits. */
static bool print(struct screen *screen, const char *lines, size_t length, struct buffer *out)
{
    struct terminal *terminal = (struct terminal *)screen;
    size_t held = buffer_length(&terminal->held);
    bool whole = settle(terminal, out);
    if (terminal->waits_till != 0 && length > HELD_BYTES_MAX - held)
        whole = whole && stop_waiting(terminal, out);
    if (terminal->waits_till != 0)
        return whole && buffer_append(&terminal->held, lines, length);
    return whole && print_above(terminal, lines, length, out);
}

/* Prints the dressed lines of a buffer if they are `whole`, and frees the buffer. */
static bool print_dressed(struct terminal *terminal, bool whole, struct buffer *dressed,
                          struct buffer *out)
{
    whole = whole && print(&terminal->screen, buffer_bytes(dressed), buffer_length(dressed), out);
    buffer_free(dressed);
    return whole;
}

static bool show(struct screen *screen, const char *lines, size_t length, struct buffer *out)
{
    struct terminal *terminal = (struct terminal *)screen;
    struct buffer dressed = {0};
    bool whole = true;
    while (length > 0 && whole) {
        const char *newline = memchr(lines, '\n', length);
        size_t line = newline != NULL ? (size_t)(newline + 1 - lines) : length;
        whole = terminal->face->dress(terminal->face->context, lines, line, &dressed);
        lines += line;
        length -= line;
    }
    return print_dressed(terminal, whole, &dressed, out);
}

static bool refresh(struct screen *screen, struct buffer *out)
{
    struct terminal *terminal = (struct terminal *)screen;
    struct drawing drawing = {out, true};
    bool whole = settle(terminal, out);
    if (terminal->waits_till != 0)
        return whole; /* the screen stays stale */
    editor_refresh(terminal->editor, &(struct sink){draw, &drawing});
    screen->stale = false;
    return whole && drawing.whole;
}

static bool leave_tidy(struct screen *screen, struct buffer *out)
{
    struct terminal *terminal = (struct terminal *)screen;
    struct drawing drawing = {out, true};
    bool whole = stop_waiting(terminal, out);
    editor_close(terminal->editor, &(struct sink){draw, &drawing});
    return whole && drawing.whole;
}

static void set_prompt(struct terminal *terminal)
{
    const struct terminal_face *face = terminal->face;
    struct buffer prompt = {0};
    /* When memory is out the old prompt stays: it is still correct. */
    if (face->prompt(face->context, &prompt))
        editor_set_prompt(terminal->editor, buffer_bytes(&prompt), buffer_length(&prompt));
    buffer_free(&prompt);
    editor_set_echo(terminal->editor, !face->hides(face->context));
    editor_set_remembering(terminal->editor, face->remembers(face->context));
    editor_set_ascii(terminal->editor, face->is_ascii(face->context));
    terminal->screen.stale = true;
}

static bool take_entered(struct terminal *terminal, struct buffer *line, struct buffer *out)
{
    const struct terminal_face *face = terminal->face;
    struct buffer left = {0};
    size_t length;
    const char *text = editor_line(terminal->editor, &length);
    bool whole = buffer_append(line, text, length) &&
                 face->leave_standing(face->context, text, length, &left);
    if (face->has_secret(face->context, text, length))
        editor_forget_entered(terminal->editor);
    return print_dressed(terminal, whole, &left, out);
}

/* Copies what the feeding thread needs of the editor's state. */
static void note_fed(struct terminal *terminal)
{
    terminal->screen.stale = true;
    terminal->has_more = editor_has_more(terminal->editor);
    terminal->pasting = editor_is_pasting(terminal->editor);
    terminal->holding = editor_held(terminal->editor) > 0;
    terminal->knows_pastes = editor_knows_pastes(terminal->editor);
}

struct feeding {
    struct terminal *terminal;
    const char *keys;
    size_t length; /* of the keys; afterwards, of those that were used */
    enum editor_event event;
    struct buffer *line;
};

static bool feed(void *context, struct buffer *out)
{
    struct feeding *feeding = context;
    struct terminal *terminal = feeding->terminal;
    feeding->length =
        editor_feed(terminal->editor, feeding->keys, feeding->length, &feeding->event);
    terminal->cost += editor_take_cost(terminal->editor);
    note_fed(terminal);
    return feeding->event != EDITOR_LINE || take_entered(terminal, feeding->line, out);
}

/* Shows the candidates for the word. */
static bool list(void *context, struct buffer *out)
{
    struct terminal *terminal = context;
    const struct terminal_face *face = terminal->face;
    struct buffer list = {0};
    size_t length;
    bool begins_line;
    const char *word = editor_word(terminal->editor, &length, &begins_line);
    bool whole = face->list(face->context, word, length, begins_line, &list);
    return print_dressed(terminal, whole, &list, out);
}

/* Shows a hint. */
struct telling {
    struct terminal *terminal;
    enum terminal_hint hint;
    size_t number;
};

static bool tell(void *context, struct buffer *out)
{
    const struct telling *telling = context;
    const struct terminal_face *face = telling->terminal->face;
    struct buffer line = {0};
    bool whole = face->tell(face->context, telling->hint, telling->number, &line);
    return print_dressed(telling->terminal, whole, &line, out);
}

/* Tells how many lines are held, unless the last line on the screen says so. */
static bool tell_held(void *context, struct buffer *out)
{
    struct terminal *terminal = context;
    size_t held = editor_held(terminal->editor);
    struct telling telling = {terminal, TERMINAL_PASTE_HELD, held};
    bool whole = held == terminal->told_lines || tell(&telling, out);
    terminal->told_lines = held;
    return whole;
}

static bool begin_burst(void *context, struct buffer *out)
{
    struct terminal *terminal = context;
    editor_begin_paste(terminal->editor);
    note_fed(terminal);
    (void)out;
    return true;
}

struct burst_end {
    struct terminal *terminal;
    enum editor_event event;
};

/*
 * Ends a piece of a paste. The number of lines of the first piece is told; for the next ones the
 * number in place of the prompt is enough. A paste that cannot be held is dropped as a whole, which
 * is told once.
 */
static bool end_burst(void *context, struct buffer *out)
{
    struct burst_end *end = context;
    struct terminal *terminal = end->terminal;
    enum burst_stage stage = terminal->stage;
    enum editor_event event = editor_end_paste(terminal->editor);
    bool refused = event == EDITOR_PASTE_TOO_LONG || event == EDITOR_PASTE_NO_MEMORY;
    if (refused || stage == AFTER_LONG_BURST) {
        editor_drop_held(terminal->editor);
        terminal->stage = AFTER_LONG_BURST;
    } else if (event == EDITOR_HELD) {
        terminal->stage = AFTER_BURST;
    }
    if (stage == NO_BURST || (refused && stage == AFTER_BURST))
        end->event = event;
    note_fed(terminal);
    (void)out;
    return true;
}

struct taking {
    struct terminal *terminal;
    struct buffer *lines;
};

static bool take_lines(void *context, struct buffer *out)
{
    const struct taking *taking = context;
    size_t length;
    const char *text = editor_unentered(taking->terminal->editor, &length);
    bool ended = length == 0 || text[length - 1] == '\n';
    (void)out;
    return buffer_append(taking->lines, text, length) &&
           (ended || buffer_append(taking->lines, "\n", 1));
}

struct resizing {
    struct terminal *terminal;
    unsigned columns, rows;
};

static bool resize(void *context, struct buffer *out)
{
    const struct resizing *resizing = context;
    struct terminal *terminal = resizing->terminal;
    (void)out;
    terminal->screen.stale = true;
    if (!editor_resize(terminal->editor, resizing->columns, resizing->rows))
        return true;
    terminal->screen.columns = 0; /* it takes no rows before it has settled */
    terminal->asked = false;
    int64_t now = clock_now();
    bool dragged = now - terminal->resized_at < CLOCK_SECOND;
    terminal->resized_at = now;
    terminal->waits_till = now + (dragged ? DRAGGING_NANOSECONDS : SETTLING_NANOSECONDS);
    return true;
}

/* For finding out how long drawing waits. */
struct waiting {
    const struct terminal *terminal;
    int64_t left; /* nanoseconds; CLOCK_NEVER: it does not wait */
};

static bool tell_wait(void *context, struct buffer *out)
{
    struct waiting *waiting = context;
    int64_t till = waiting->terminal->waits_till;
    (void)out;
    waiting->left = till != 0 ? till - clock_now() : CLOCK_NEVER;
    return true;
}

/* A change of the face's data; `change` is NULL if only the prompt is to be renewed. */
struct changing {
    struct terminal *terminal;
    void (*change)(void *context, const void *what);
    void *context;
    const void *what;
};

static bool change_face(void *context, struct buffer *out)
{
    const struct changing *changing = context;
    if (changing->change != NULL)
        changing->change(changing->context, changing->what);
    set_prompt(changing->terminal);
    (void)out;
    return true;
}

/*
 * The functions from here on take the outbox lock.
 */

struct terminal *terminal_open(struct outbox *outbox, const struct terminal_face *face,
                               size_t max_line, unsigned columns, unsigned rows)
{
    struct terminal *terminal = malloc(sizeof *terminal);
    struct editor *editor = editor_new(max_line, face->complete, face->context);
    if (terminal == NULL || editor == NULL)
        goto failed;
    *terminal = (struct terminal){.screen = {.encoding = &to_rows,
                                             .show = show,
                                             .print = print,
                                             .print_rows = print_rows,
                                             .refresh = refresh,
                                             .close = leave_tidy},
                                  .outbox = outbox,
                                  .face = face,
                                  .editor = editor,
                                  .resized_at = clock_now() - CLOCK_SECOND};
    editor_resize(editor, columns, rows);
    terminal->screen.columns = editor_columns(editor);
    set_prompt(terminal);
    if (outbox_open_screen(outbox, &terminal->screen))
        return terminal;
failed:
    if (editor != NULL)
        editor_free(editor);
    free(terminal);
    return NULL;
}

void terminal_close(struct terminal *terminal)
{
    outbox_close_screen(terminal->outbox);
    editor_free(terminal->editor);
    buffer_free(&terminal->held);
    free(terminal);
}

void terminal_renew_prompt(struct terminal *terminal)
{
    terminal_change_face(terminal, NULL, NULL, NULL);
}

void terminal_change_face(struct terminal *terminal,
                          void (*change)(void *context, const void *what), void *context,
                          const void *what)
{
    struct changing changing = {terminal, change, context, what};
    outbox_write(terminal->outbox, change_face, &changing);
}

void terminal_resize(struct terminal *terminal, unsigned columns, unsigned rows)
{
    struct resizing resizing = {terminal, columns, rows};
    outbox_write_answer(terminal->outbox, resize, &resizing);
    terminal->unsettled = true;
}

int64_t terminal_settle(struct terminal *terminal)
{
    struct waiting waiting = {terminal, CLOCK_NEVER};
    if (!terminal->unsettled)
        return CLOCK_NEVER;
    outbox_flush(terminal->outbox);
    outbox_write(terminal->outbox, tell_wait, &waiting);
    /* A socket that is full is left to the flusher; a connection that has failed is not drawn to.
     */
    if (waiting.left <= 0)
        waiting.left =
            outbox_error(terminal->outbox) == OUTBOX_OPEN ? SETTLING_NANOSECONDS : CLOCK_NEVER;
    terminal->unsettled = waiting.left != CLOCK_NEVER;
    return waiting.left;
}

static void give_hint(struct terminal *terminal, enum terminal_hint hint, size_t number)
{
    struct telling telling = {terminal, hint, number};
    outbox_write_answer(terminal->outbox, tell, &telling);
}

/* Shows the answer to an event, unless the reader is behind. */
static void answer_event(struct terminal *terminal, enum editor_event event)
{
    if (event == EDITOR_NONE || outbox_is_behind(terminal->outbox))
        return;
    switch (event) {
    case EDITOR_CANDIDATES:
        outbox_write_answer(terminal->outbox, list, terminal);
        break;
    case EDITOR_INTERRUPT_EMPTY:
        give_hint(terminal, TERMINAL_HOW_TO_LEAVE, 0);
        break;
    case EDITOR_HELD:
        outbox_write_answer(terminal->outbox, tell_held, terminal);
        break;
    case EDITOR_DROPPED:
        give_hint(terminal, TERMINAL_PASTE_DROPPED, 0);
        break;
    case EDITOR_PASTE_TOO_LONG:
        give_hint(terminal, TERMINAL_PASTE_TOO_LONG, editor_paste_limit(terminal->editor));
        break;
    case EDITOR_PASTE_NO_MEMORY:
        give_hint(terminal, TERMINAL_PASTE_NO_MEMORY, 0);
        break;
    default:
        break;
    }
}

size_t terminal_feed(struct terminal *terminal, const char *keys, size_t length,
                     enum editor_event *event, struct buffer *line)
{
    struct feeding feeding = {terminal, keys, length, EDITOR_NONE, line};
    outbox_write_answer(terminal->outbox, feed, &feeding);
    answer_event(terminal, feeding.event);
    *event = feeding.event;
    return feeding.length;
}

/* Whether keys that were received together are a paste that the terminal does not mark. */
static bool are_pasted(struct terminal *terminal, const char *keys, size_t length)
{
    if (terminal->stage == AFTER_BURST && !terminal->holding)
        terminal->stage = NO_BURST;
    if (terminal->stage != NO_BURST)
        return burst_goes_on(keys, length);
    return burst_begins(&terminal->burst, keys, length) && !terminal->knows_pastes;
}

bool terminal_expects_more(const struct terminal *terminal, const char *keys, size_t length)
{
    return terminal->stage != NO_BURST && (terminal->stage != AFTER_BURST || terminal->holding)
               ? burst_goes_on(keys, length)
               : !terminal->knows_pastes && burst_may_begin(&terminal->burst, keys, length);
}

void terminal_begin_keys(struct terminal *terminal, const char *keys, size_t length)
{
    terminal->in_burst = are_pasted(terminal, keys, length);
    if (terminal->in_burst)
        outbox_write_answer(terminal->outbox, begin_burst, terminal);
    else if (terminal->stage == AFTER_LONG_BURST)
        terminal->stage = NO_BURST;
}

void terminal_end_keys(struct terminal *terminal)
{
    struct burst_end end = {terminal, EDITOR_NONE};
    if (terminal->in_burst)
        outbox_write_answer(terminal->outbox, end_burst, &end);
    terminal->in_burst = false;
    answer_event(terminal, end.event);
}

bool terminal_has_more(const struct terminal *terminal)
{
    return terminal->has_more;
}

bool terminal_is_pasting(const struct terminal *terminal)
{
    return terminal->pasting;
}

void terminal_take_lines(struct terminal *terminal, struct buffer *lines)
{
    struct taking taking = {terminal, lines};
    outbox_write(terminal->outbox, take_lines, &taking);
}

size_t terminal_take_cost(struct terminal *terminal)
{
    size_t cost = terminal->cost;
    terminal->cost = 0;
    return cost;
}
