#include "base/platform.h"

#include "edit/editor.h"

#include "edit/edit_line.h"
#include "edit/edit_row.h"
#include "edit/history.h"
#include "edit/keyboard.h"
#include "edit/paste.h"
#include "edit/search.h"
#include "base/utf8.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BELL                "\a"
#define BRACKETED_PASTE_ON  "\033[?2004h"
#define BRACKETED_PASTE_OFF "\033[?2004l"

enum {
    /*
     * A word behind more blanks than this does not count as the first of its line; no one indents
     * one so far.
     */
    INDENT_BYTES_MAX = 256,
    PASTE_BYTES_MAX = 64 * 1024, /* of a paste, in addition to the longest line */
    HELD_LABEL_SIZE = 48
};

struct editor {
    struct keyboard keyboard;
    struct edit_line line;
    struct edit_line draft;        /* the line being written, while an older one is shown */
    struct edit_line cut;          /* the text that was last erased, for Ctrl-Y */
    enum edit_line_result missing; /* why text is missing from the line, if some is */
    struct edit_row row;
    struct history history;
    struct search *search; /* NULL unless there is one */
    struct paste paste;
    size_t compared; /* bytes, by searches since editor_take_cost */
    editor_completer *complete;
    void *context;
    bool hidden;    /* no echo */
    bool forgetful; /* lines that are entered are not remembered */
    bool cutting;   /* the last key cut text: the next piece is joined to it */
    bool opened;    /* bracketed paste is on */
    bool pasting;   /* the input is pasted text */
    bool brackets;  /* the terminal has marked a paste */
    bool entering;  /* the lines of the paste are being entered, */
    bool finishing; /* the last one also if it has no end */
    bool ignoring;  /* keys have been ignored because a paste is held */
    bool entered;   /* the caller may still use the line; it is no longer edited */
    bool ambiguous; /* the last key was a TAB with several candidates */
    bool bell;      /* due at the next refresh */
    bool clear;     /* clear the screen at the next refresh */
};

struct editor_candidates {
    size_t count;
    size_t prefix_length; /* of the prefix that all candidates share */
    char prefix[EDITOR_CANDIDATE_BYTES_MAX];
};

struct editor *editor_new(size_t line_bytes_max, editor_completer *complete, void *context)
{
    struct editor *editor = calloc(1, sizeof(*editor));

    if (editor == NULL) {
        errno = ENOMEM; /* C11 does not guarantee it */
        return NULL;
    }
    keyboard_init(&editor->keyboard);
    edit_line_init(&editor->line, line_bytes_max);
    edit_line_init(&editor->draft, line_bytes_max);
    edit_line_init(&editor->cut, line_bytes_max);
    paste_init(&editor->paste, PASTE_BYTES_MAX + line_bytes_max);
    edit_row_init(&editor->row);
    editor->complete = complete;
    editor->context = context;
    return editor;
}

void editor_free(struct editor *editor)
{
    if (editor == NULL)
        return;
    edit_line_clear(&editor->line);
    edit_line_clear(&editor->draft);
    edit_line_clear(&editor->cut);
    search_free(editor->search);
    paste_drop(&editor->paste);
    edit_row_destroy(&editor->row);
    history_clear(&editor->history);
    free(editor);
}

int editor_set_prompt(struct editor *editor, const char *prompt, size_t length)
{
    return edit_row_set_prompt(&editor->row, prompt, length);
}

static void note_search_ended(struct editor *editor)
{
    editor->search = NULL;
    edit_row_set_label(&editor->row, NULL, 0);
}

/* Begins an empty line. */
static void start_line(struct editor *editor)
{
    if (editor->search != NULL) {
        search_free(editor->search);
        note_search_ended(editor);
    }
    edit_line_clear(&editor->line);
    editor->line.secret = editor->hidden;
    edit_line_clear(&editor->draft);
    history_rewind(&editor->history);
    editor->entered = false;
    editor->missing = EDIT_LINE_DONE;
    editor->ambiguous = false;
}

/* Drops an entered line, which the caller has used by now. */
static void drop_entered(struct editor *editor)
{
    if (editor->entered)
        start_line(editor);
}

void editor_set_echo(struct editor *editor, bool echo)
{
    if (editor->hidden == !echo)
        return;
    start_line(editor); /* while the line is still known to be secret */
    editor->hidden = !echo;
    editor->line.secret = !echo;
}

void editor_set_remembering(struct editor *editor, bool remembering)
{
    editor->forgetful = !remembering;
}

void editor_forget_entered(struct editor *editor)
{
    if (!editor->entered)
        return;
    history_forget(&editor->history, edit_line_text(&editor->line), editor->line.length);
    editor->line.secret = true; /* until the next one begins */
}

/* What a hidden line shows of itself. */
static struct edit_line no_line(void)
{
    struct edit_line nothing;

    edit_line_init(&nothing, 0);
    return nothing;
}

void editor_set_ascii(struct editor *editor, bool ascii)
{
    edit_row_set_ascii(&editor->row, ascii);
}

bool editor_resize(struct editor *editor, unsigned columns, unsigned rows)
{
    struct edit_line nothing = no_line();

    return edit_row_resize(&editor->row, editor->hidden ? &nothing : &editor->line, columns, rows);
}

bool editor_ask(struct editor *editor, const struct sink *sink)
{
    return edit_row_ask(&editor->row, sink);
}

bool editor_is_asking(const struct editor *editor)
{
    return editor->row.asking;
}

unsigned editor_columns(const struct editor *editor)
{
    return editor->row.columns;
}

/* ---- Completion ---- */

static size_t common_length(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t length = 0;

    while (length < a_length && length < b_length && a[length] == b[length])
        length++;
    return length;
}

void editor_candidates_add(struct editor_candidates *candidates, const char *text, size_t length)
{
    size_t common;

    if (length > EDITOR_CANDIDATE_BYTES_MAX)
        return;
    if (candidates->count++ == 0) {
        memcpy(candidates->prefix, text, length);
        candidates->prefix_length = length;
        return;
    }
    common = common_length(candidates->prefix, candidates->prefix_length, text, length);
    /* The prefix must not end within a character. */
    while (common > 0 && common < length && utf8_sequence_length((unsigned char)text[common]) == 0)
        common--;
    candidates->prefix_length = common;
}

/* The start of the word before the cursor; the cursor if the word is longer than any candidate. */
static size_t word_start(const struct edit_line *line)
{
    size_t start = line->cursor;

    while (start > 0 && line->text[start - 1] != ' ') {
        if (line->cursor - start == EDITOR_CANDIDATE_BYTES_MAX)
            return line->cursor;
        start--;
    }
    return start;
}

/* Whether only blanks are before start, and not more than INDENT_BYTES_MAX. */
static bool stands_first(const struct edit_line *line, size_t start)
{
    if (start > INDENT_BYTES_MAX)
        return false;
    while (start > 0 && line->text[start - 1] == ' ')
        start--;
    return start == 0;
}

const char *editor_word(const struct editor *editor, size_t *length, bool *begins_line)
{
    size_t start = word_start(&editor->line);

    *length = editor->line.cursor - start;
    *begins_line = stands_first(&editor->line, start);
    return edit_line_text(&editor->line) + start;
}

/* Whether the word before the cursor is too long to be completed. */
static bool is_word_too_long(const struct edit_line *line)
{
    return line->cursor > 0 && line->text[line->cursor - 1] != ' ' &&
           word_start(line) == line->cursor;
}

/*
 * Replaces the word by the candidates' common prefix. Returns false if the line has no room for it.
 */
static bool complete_word(struct edit_line *line, const struct editor_candidates *candidates)
{
    size_t start = word_start(line);
    size_t word_length = line->cursor - start;
    size_t length = candidates->prefix_length;
    size_t same;

    if (length > 0 && candidates->prefix[length - 1] == ' ' && line->cursor < line->length &&
        line->text[line->cursor] == ' ')
        length--; /* the line has that blank already */
    if (length < word_length)
        return true; /* nothing in common beyond the word, as when case differs */
    if (length - word_length > line->limit - line->length)
        return false;
    same = common_length(edit_line_text(line) + start, word_length, candidates->prefix, length);
    while (same > 0 && same < word_length &&
           utf8_sequence_length((unsigned char)line->text[start + same]) == 0)
        same--;
    return edit_line_erase(line, start + same, line->cursor) &&
           edit_line_insert(line, candidates->prefix + same, length - same) == EDIT_LINE_DONE;
}

static enum editor_event press_tab(struct editor *editor)
{
    struct editor_candidates candidates = {0, 0, {0}};
    const char *word;
    size_t length;
    bool begins_line;

    if (editor->ambiguous)
        return EDITOR_CANDIDATES;
    if (editor->complete != NULL && !editor->hidden && !is_word_too_long(&editor->line)) {
        word = editor_word(editor, &length, &begins_line);
        editor->complete(editor->context, word, length, begins_line, &candidates);
    }
    editor->ambiguous = candidates.count > 1;
    if (candidates.count != 1)
        editor->bell = true;
    if (candidates.count > 0 && !complete_word(&editor->line, &candidates))
        editor->bell = true;
    return EDITOR_NONE;
}

/* ---- Keys ---- */

/* How much of a text fits into the line, up to the end of a character. */
static size_t fitting(const struct edit_line *line, const char *text, size_t length)
{
    size_t room = line->limit - line->length;

    if (length <= room)
        return length;
    while (room > 0 && utf8_sequence_length((unsigned char)text[room]) == 0)
        room--;
    return room;
}

/*
 * Inserts as much as fits. Text that cannot be inserted counts as missing until the person erases
 * something.
 */
static void insert(struct editor *editor, const char *text, size_t length)
{
    size_t fits = fitting(&editor->line, text, length);
    enum edit_line_result result = edit_line_insert(&editor->line, text, fits);

    if (result == EDIT_LINE_DONE && fits < length)
        result = EDIT_LINE_FULL;
    if (result == EDIT_LINE_DONE)
        return;
    editor->bell = true;
    if (editor->missing == EDIT_LINE_DONE)
        editor->missing = result;
}

static bool show_older(struct editor *editor)
{
    bool left_draft = !history_is_shown(&editor->history);
    size_t length;
    const char *text = history_older(&editor->history, &length);

    if (text == NULL)
        return false;
    if (left_draft)
        edit_line_take(&editor->draft, &editor->line);
    edit_line_show(&editor->line, text, length);
    return true;
}

static bool show_newer(struct editor *editor)
{
    size_t length;
    const char *text;

    if (!history_is_shown(&editor->history))
        return false;
    text = history_newer(&editor->history, &length);
    if (text != NULL)
        edit_line_show(&editor->line, text, length);
    else
        edit_line_take(&editor->line, &editor->draft);
    return true;
}

static void show_remembered(struct editor *editor, enum key key)
{
    if (!editor->hidden && (key == KEY_UP ? show_older(editor) : show_newer(editor)))
        editor->missing = EDIT_LINE_DONE;
    else
        editor->bell = true;
}

/* ---- Searching ---- */

/* Shows the text that is searched for instead of the prompt. */
static void label_search(struct editor *editor)
{
    const struct search *search = editor->search;
    char label[SEARCH_TEXT_BYTES_MAX + 16];
    int length =
        snprintf(label, sizeof(label), "(%s%s%.*s) ", search->failed ? "not found" : "search",
                 search->length > 0 ? ": " : "", (int)search->length, search->text);

    edit_row_set_label(&editor->row, label, (size_t)length);
}

/* Ends the search, if there is one, and keeps the found line. */
static void accept_found(struct editor *editor)
{
    if (editor->search == NULL)
        return;
    if (editor->search->found)
        editor->missing = EDIT_LINE_DONE;
    search_accept(editor->search, &editor->draft);
    note_search_ended(editor);
}

static void give_up_search(struct editor *editor)
{
    search_give_up(editor->search);
    note_search_ended(editor);
}

static void press_search(struct editor *editor)
{
    if (!editor->hidden)
        editor->search = search_begin(&editor->line, &editor->history);
    if (editor->search != NULL)
        label_search(editor);
    else
        editor->bell = true;
}

/* Changes what is searched for if the key does that. Returns whether it does. */
static bool press_wanted(struct editor *editor, enum key key, const struct keystroke *stroke)
{
    struct search *search = editor->search;
    size_t before = search->compared;
    bool found;

    switch (key) {
    case KEY_CHARACTER:
        found = search_extend(search, stroke->text, stroke->length);
        break;
    case KEY_BACKSPACE:
        found = search_shorten(search);
        break;
    case KEY_SEARCH:
        found = search_older(search);
        break;
    default:
        return false;
    }
    editor->compared += search->compared - before;
    editor->bell |= !found;
    label_search(editor);
    return true;
}

/*
 * Handles a key during a search. Returns false, with the search ended, for a key that then does
 * what it does outside of a search.
 */
static bool press_searching(struct editor *editor, enum key key, const struct keystroke *stroke,
                            enum editor_event *event)
{
    *event = EDITOR_NONE;
    if (press_wanted(editor, key, stroke)) {
        *event = EDITOR_SEARCHED;
        return true;
    }
    if (key == KEY_INTERRUPT || key == KEY_CANCEL) {
        give_up_search(editor);
        return true;
    }
    accept_found(editor);
    return false;
}

/* ---- Other keys ---- */

/* Return: ends the line. A recalled line is copied first, as the history may drop it. */
static enum editor_event press_enter(struct editor *editor)
{
    enum edit_line_result missing = editor->missing;

    if (!edit_line_keep(&editor->line))
        missing = EDIT_LINE_NO_MEMORY;
    else if (!editor->hidden && !editor->forgetful)
        history_add(&editor->history, edit_line_text(&editor->line), editor->line.length);
    if (missing != EDIT_LINE_DONE) {
        start_line(editor);
        return missing == EDIT_LINE_FULL ? EDITOR_OVERLONG : EDITOR_NO_MEMORY;
    }
    editor->entered = true;
    return EDITOR_LINE;
}

static enum editor_event press_interrupt(struct editor *editor)
{
    bool empty = editor->line.length == 0 && !history_is_shown(&editor->history);

    start_line(editor);
    editor->pasting = false;     /* ends a paste without echo whose end sequence was lost */
    editor->row.outdated = true; /* a telnet client wrote its own prompt there */
    return empty ? EDITOR_INTERRUPT_EMPTY : EDITOR_INTERRUPT;
}

/* Moves the cursor if the key is a motion. Returns whether it is. */
static bool press_motion(struct edit_line *line, enum key key)
{
    switch (key) {
    case KEY_LEFT:
        line->cursor = edit_line_left(line);
        return true;
    case KEY_RIGHT:
        line->cursor = edit_line_right(line);
        return true;
    case KEY_HOME:
        line->cursor = 0;
        return true;
    case KEY_END:
        line->cursor = line->length;
        return true;
    case KEY_WORD_LEFT:
        line->cursor = edit_line_word_left(line);
        return true;
    case KEY_WORD_RIGHT:
        line->cursor = edit_line_word_right(line);
        return true;
    default:
        return false;
    }
}

/* Inserts what was cut last. */
static void press_yank(struct editor *editor)
{
    if (editor->cut.length > 0)
        insert(editor, editor->cut.text, editor->cut.length);
    else
        editor->bell = true;
}

/* Whether the key erases more than a character, so that the text is cut. */
static bool is_cutting_key(enum key key)
{
    return key == KEY_ERASE_WORD_LEFT || key == KEY_ERASE_WORD_RIGHT ||
           key == KEY_ERASE_ARGUMENT_LEFT || key == KEY_ERASE_TO_START || key == KEY_ERASE_TO_END;
}

/* Stores the range that the key erases if it is an erasing key. Returns whether it is. */
static bool find_erasure(const struct edit_line *line, enum key key, size_t *from, size_t *to)
{
    *from = *to = line->cursor;
    switch (key) {
    case KEY_BACKSPACE:
        *from = edit_line_left(line);
        return true;
    case KEY_DELETE:
    case KEY_DELETE_OR_LEAVE:
        *to = edit_line_right(line);
        return true;
    case KEY_ERASE_WORD_LEFT:
        *from = edit_line_word_left(line);
        return true;
    case KEY_ERASE_WORD_RIGHT:
        *to = edit_line_word_right(line);
        return true;
    case KEY_ERASE_ARGUMENT_LEFT:
        *from = edit_line_argument_left(line);
        return true;
    case KEY_ERASE_TO_START:
        *from = 0;
        return true;
    case KEY_ERASE_TO_END:
        *to = line->length;
        return true;
    default:
        return false;
    }
}

/*
 * Keeps text that is about to be erased, unless it is secret. `joined`: together with what the key
 * before has cut. When memory is out, nothing is kept rather than a part.
 */
static void cut(struct editor *editor, size_t from, size_t to, bool joined)
{
    struct edit_line *piece = &editor->cut;

    if (editor->hidden || from == to)
        return;
    if (!joined)
        edit_line_clear(piece);
    piece->cursor = from < editor->line.cursor ? 0 : piece->length;
    if (edit_line_insert(piece, editor->line.text + from, to - from) != EDIT_LINE_DONE) {
        edit_line_clear(piece);
        editor->bell = true;
    }
}

/* Erases text if the key is an erasing key. Returns whether it is. */
static bool press_erasure(struct editor *editor, enum key key, bool joined)
{
    size_t from, to;

    if (!find_erasure(&editor->line, key, &from, &to))
        return false;
    editor->cutting = is_cutting_key(key);
    if (editor->cutting)
        cut(editor, from, to, joined);
    if (edit_line_erase(&editor->line, from, to))
        editor->missing = EDIT_LINE_DONE; /* the person has seen what fitted, and decided */
    else
        editor->bell = true;
    return true;
}

/* ---- Paste ---- */

/* Whether a paste waits for the person's decision. */
static bool is_holding(const struct editor *editor)
{
    size_t length;

    paste_text(&editor->paste, &length);
    return length > 0 && !editor->pasting && !editor->entering;
}

/* Shows how many lines are held instead of the prompt, or the prompt again. */
static void label_held(struct editor *editor)
{
    char label[HELD_LABEL_SIZE];
    int length = snprintf(label, sizeof(label), "(%zu lines pasted) ", editor_held(editor));

    edit_row_set_label(&editor->row, is_holding(editor) ? label : NULL, (size_t)length);
}

/* Enters the next pasted line, as if it were typed. */
static enum editor_event enter_pasted(struct editor *editor)
{
    size_t length;
    const char *text = paste_text(&editor->paste, &length);
    const char *end = memchr(text, '\n', length);
    size_t line_length = end != NULL ? (size_t)(end - text) : length;

    insert(editor, text, line_length);
    paste_consume(&editor->paste, line_length + (end != NULL));
    editor->entering = line_length + (end != NULL) < length;
    return end != NULL || editor->finishing ? press_enter(editor) : EDITOR_NONE;
}

static enum editor_event begin_entering(struct editor *editor, bool finishing)
{
    editor->entering = true;
    editor->finishing = finishing;
    label_held(editor);
    return enter_pasted(editor);
}

static void begin_paste(struct editor *editor)
{
    accept_found(editor);
    editor->pasting = true;
    paste_begin(&editor->paste);
}

/* With `few`, a few lines are entered at once; else any number is held. */
static enum editor_event end_paste(struct editor *editor, bool few)
{
    editor->pasting = false;
    switch (paste_end(&editor->paste)) {
    case PASTE_TOO_LONG:
        return EDITOR_PASTE_TOO_LONG;
    case PASTE_NO_MEMORY:
        return EDITOR_PASTE_NO_MEMORY;
    case PASTE_WHOLE:
        break;
    }
    if (!is_holding(editor))
        return EDITOR_NONE;
    if (few && paste_lines(&editor->paste) <= EDITOR_PASTED_LINES_MAX)
        return begin_entering(editor, false);
    label_held(editor);
    return EDITOR_HELD;
}

static enum editor_event drop_paste(struct editor *editor)
{
    editor_drop_held(editor);
    editor->row.outdated = true; /* as in press_interrupt */
    return EDITOR_DROPPED;
}

/* Without echo, pasted text goes into the line at once: a secret is stored nowhere else. */
static void put_pasted(struct editor *editor, const char *text, size_t length)
{
    if (editor->hidden)
        insert(editor, text, length);
    else
        paste_add(&editor->paste, text, length);
}

/*
 * A key in pasted text: only text and the end of the paste count. Ctrl-C also ends it, in case its
 * end sequence was lost.
 */
static enum editor_event press_pasted(struct editor *editor, enum key key,
                                      const struct keystroke *stroke)
{
    switch (key) {
    case KEY_CHARACTER:
        put_pasted(editor, stroke->text, stroke->length);
        return EDITOR_NONE;
    case KEY_TAB:
        put_pasted(editor, " ", 1);
        return EDITOR_NONE;
    case KEY_ENTER:
        if (editor->hidden)
            return press_enter(editor);
        put_pasted(editor, "\n", 1);
        return EDITOR_NONE;
    case KEY_INTERRUPT:
        return editor->hidden ? press_interrupt(editor) : drop_paste(editor);
    case KEY_PASTE_END:
        return end_paste(editor, true);
    default:
        return EDITOR_NONE;
    }
}

/* A key while a paste is held. */
static enum editor_event press_holding(struct editor *editor, enum key key)
{
    switch (key) {
    case KEY_ENTER:
        return begin_entering(editor, true);
    case KEY_INTERRUPT:
        return drop_paste(editor);
    case KEY_PASTE_BEGIN:
        begin_paste(editor);
        return EDITOR_NONE;
    default:
        editor->bell = true;
        editor->ignoring = true;
        return EDITOR_NONE;
    }
}

/* A key that neither moves the cursor nor erases. */
static enum editor_event press_other(struct editor *editor, enum key key,
                                     const struct keystroke *stroke)
{
    switch (key) {
    case KEY_CHARACTER:
        insert(editor, stroke->text, stroke->length);
        return EDITOR_NONE;
    case KEY_ENTER:
        return press_enter(editor);
    case KEY_INTERRUPT:
        return press_interrupt(editor);
    case KEY_TAB:
        return press_tab(editor);
    case KEY_UP:
    case KEY_DOWN:
        show_remembered(editor, key);
        return EDITOR_NONE;
    case KEY_YANK:
        press_yank(editor);
        return EDITOR_NONE;
    case KEY_SEARCH:
        press_search(editor);
        return EDITOR_NONE;
    case KEY_TRANSPOSE:
        editor->bell |= !edit_line_transpose(&editor->line);
        return EDITOR_NONE;
    case KEY_CLEAR_SCREEN:
        editor->clear = true;
        return EDITOR_NONE;
    case KEY_PASTE_BEGIN:
        begin_paste(editor);
        return EDITOR_NONE;
    default:
        return EDITOR_NONE;
    }
}

static enum editor_event press(struct editor *editor, enum key key, const struct keystroke *stroke)
{
    bool joined = editor->cutting;
    enum editor_event event;

    if (key == KEY_CURSOR_REPORT) { /* a terminal's answer, not a key: it may arrive at any time */
        edit_row_locate(&editor->row, stroke->row, stroke->column);
        return EDITOR_NONE;
    }
    editor->cutting = false;
    if (key != KEY_TAB)
        editor->ambiguous = false;
    editor->brackets |= key == KEY_PASTE_BEGIN;
    if (editor->pasting)
        return press_pasted(editor, key, stroke);
    if (is_holding(editor))
        return press_holding(editor, key);
    if (editor->search != NULL && press_searching(editor, key, stroke, &event))
        return event;
    if (key == KEY_DELETE_OR_LEAVE && editor->line.length == 0)
        return EDITOR_LEAVE;
    if (press_motion(&editor->line, key))
        return EDITOR_NONE;
    if (press_erasure(editor, key, joined))
        return EDITOR_NONE;
    return press_other(editor, key, stroke);
}

/* There are no more keys for now. */
static enum editor_event pause(struct editor *editor)
{
    bool reminding = editor->ignoring && is_holding(editor);

    keyboard_pause(&editor->keyboard);
    if (editor->search != NULL && keyboard_take_escape(&editor->keyboard))
        accept_found(editor);
    editor->ignoring = false;
    return reminding ? EDITOR_HELD : EDITOR_NONE;
}

size_t editor_feed(struct editor *editor, const char *bytes, size_t length,
                   enum editor_event *event)
{
    size_t used = 0;

    drop_entered(editor);
    *event = EDITOR_NONE;
    if (editor->entering)
        *event = enter_pasted(editor);
    while (used < length && *event == EDITOR_NONE) {
        struct keystroke stroke;
        enum key key = keyboard_feed(&editor->keyboard, (unsigned char)bytes[used++], &stroke);

        if (key != KEY_NONE)
            *event = press(editor, key, &stroke);
    }
    if (used == length && *event == EDITOR_NONE)
        *event = pause(editor);
    return used;
}

bool editor_has_more(const struct editor *editor)
{
    return editor->entering;
}

void editor_begin_paste(struct editor *editor)
{
    if (!editor->pasting)
        begin_paste(editor);
}

enum editor_event editor_end_paste(struct editor *editor)
{
    drop_entered(editor);
    return editor->pasting ? end_paste(editor, false) : EDITOR_NONE;
}

bool editor_is_pasting(const struct editor *editor)
{
    return editor->pasting;
}

bool editor_knows_pastes(const struct editor *editor)
{
    return editor->brackets;
}

size_t editor_held(const struct editor *editor)
{
    return is_holding(editor) ? paste_lines(&editor->paste) : 0;
}

void editor_drop_held(struct editor *editor)
{
    paste_drop(&editor->paste);
    editor->pasting = false;
    editor->entering = false;
    editor->ignoring = false;
    label_held(editor);
}

size_t editor_paste_limit(const struct editor *editor)
{
    return editor->paste.limit;
}

const char *editor_unentered(const struct editor *editor, size_t *length)
{
    const char *text = paste_text(&editor->paste, length);

    if (!editor->entering)
        *length = 0;
    while (*length > 0 && !editor->finishing && text[*length - 1] != '\n')
        (*length)--;
    return text;
}

size_t editor_take_cost(struct editor *editor)
{
    size_t cost = editor->compared;

    editor->compared = 0;
    return cost;
}

const char *editor_line(const struct editor *editor, size_t *length)
{
    *length = editor->entered ? editor->line.length : 0;
    return edit_line_text(&editor->line);
}

/* ---- The screen ---- */

/* Clears the screen if that is due, before anything else is written there. */
static void clear_if_due(struct editor *editor, const struct sink *sink)
{
    if (editor->clear)
        edit_row_clear_screen(&editor->row, sink);
    editor->clear = false;
}

void editor_print_above(struct editor *editor, const char *text, size_t length,
                        const struct sink *sink)
{
    clear_if_due(editor, sink);
    edit_row_print(&editor->row, text, length, sink);
}

void editor_print_rows(struct editor *editor, const char *rows, size_t length,
                       const struct sink *sink)
{
    clear_if_due(editor, sink);
    edit_row_print_rows(&editor->row, rows, length, sink);
}

void editor_refresh(struct editor *editor, const struct sink *sink)
{
    drop_entered(editor);
    if (!editor->opened)
        sink_text(sink, BRACKETED_PASTE_ON);
    editor->opened = true;
    clear_if_due(editor, sink);
    if (editor->hidden) {
        struct edit_line nothing = no_line();

        edit_row_draw(&editor->row, &nothing, sink);
    } else {
        edit_row_draw(&editor->row, &editor->line, sink);
    }
    if (editor->bell)
        sink_text(sink, BELL);
    editor->bell = false;
}

void editor_close(struct editor *editor, const struct sink *sink)
{
    start_line(editor);
    editor_drop_held(editor);
    edit_row_erase(&editor->row, sink);
    if (editor->opened)
        sink_text(sink, BRACKETED_PASTE_OFF);
    editor->opened = false;
    editor->bell = false;
    editor->clear = false;
}
