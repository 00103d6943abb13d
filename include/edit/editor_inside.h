/*
 * editor_inside: what an editor consists of, for the files that it is made of: editor, editor_keys,
 * editor_search and editor_paste. Others see it through edit/editor.h.
 */
#ifndef EDIT_EDITOR_INSIDE_H
#define EDIT_EDITOR_INSIDE_H

#include "edit/completion.h"
#include "edit/edit_line.h"
#include "edit/edit_row.h"
#include "edit/editor_event.h"
#include "edit/history.h"
#include "edit/keyboard.h"
#include "edit/paste.h"
#include "edit/search.h"

#include <stdbool.h>
#include <stddef.h>

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
    completion_finder *complete;
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

/* Begins an empty line. */
void editor_start_line(struct editor *editor);

/* Drops an entered line, which the caller has used by now. */
void editor_drop_entered(struct editor *editor);

/* A key. */
enum editor_event editor_press(struct editor *editor, enum key key, const struct keystroke *stroke);

/*
 * Inserts as much as fits. Text that cannot be inserted counts as missing until the person erases
 * something.
 */
void editor_insert(struct editor *editor, const char *text, size_t length);

/* Return: ends the line. */
enum editor_event editor_press_enter(struct editor *editor);

/* Ctrl-C: clears the line. */
enum editor_event editor_press_interrupt(struct editor *editor);

/* Begins to search the history. */
void editor_press_search(struct editor *editor);

/*
 * Handles a key during a search. Returns false, with the search ended, for a key that then does
 * what it does outside of a search.
 */
bool editor_press_searching(struct editor *editor, enum key key, const struct keystroke *stroke,
                            enum editor_event *event);

/* Ends the search, if there is one, and keeps the found line. */
void editor_accept_found(struct editor *editor);

/* Notes that the search has ended: the prompt is shown again. */
void editor_end_search(struct editor *editor);

/* From now on input is pasted text. */
void editor_open_paste(struct editor *editor);

/* Whether a paste waits for the person's decision. */
bool editor_is_holding(const struct editor *editor);

/*
 * A key in pasted text: only text and the end of the paste count. Ctrl-C also ends it, in case its
 * end sequence was lost.
 */
enum editor_event editor_press_pasted(struct editor *editor, enum key key,
                                      const struct keystroke *stroke);

/* A key while a paste is held. */
enum editor_event editor_press_holding(struct editor *editor, enum key key);

/* Enters the next pasted line, as if it were typed. */
enum editor_event editor_enter_pasted(struct editor *editor);

#endif
