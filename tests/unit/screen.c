#include "screen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    CELL_BYTES = 96, /* of a character with its marks; further marks are not kept */
    COLUMNS_MAX = 256,
    ROWS_KEPT = 4000 /* older ones are forgotten */
};

struct cell {
    char text[CELL_BYTES]; /* "" where nothing was written, and in a second column */
    unsigned char width;   /* 0 in the second column */
};

struct row {
    struct cell cells[COLUMNS_MAX];
    int used;     /* columns that were ever written to since the whole row was erased */
    bool wrapped; /* goes on in the next row */
};

struct screen {
    struct row **rows; /* those that scrolled away, then those on the screen */
    int count;
    int columns, height;
    int top; /* index of the first one on the screen */
    int x, y;
    bool wrap_pending;
    enum screen_kind kind;
    screen_width *width;
    struct row *last_row; /* where the last character was written; NULL if nowhere */
    int last_x;
    uint32_t last_code_point;
    bool flag_complete;
    char sequence[64]; /* unfinished escape sequence or character */
    size_t sequence_length;
    int wraps, bells, errors;
    bool bracketed_paste;
    char reply[64];
    char reply_given[64];
    char row_text[COLUMNS_MAX * CELL_BYTES];
    char *all_text;
};

static bool between(uint32_t code_point, uint32_t first, uint32_t last)
{
    return code_point >= first && code_point <= last;
}

/* Coarse, and on purpose not the table that is to be tested. */
static int usual_width(uint32_t c)
{
    if (between(c, 0x300, 0x36F) || between(c, 0x200B, 0x200F) || between(c, 0xFE00, 0xFE0F) ||
        between(c, 0x20D0, 0x20FF) || c == 0x2060 || between(c, 0x0E34, 0x0E3A) ||
        between(c, 0x0E47, 0x0E4E) || between(c, 0xE0000, 0xE0FFF))
        return 0;
    if (between(c, 0x1100, 0x115F) || between(c, 0x2E80, 0xA4CF) || between(c, 0xAC00, 0xD7A3) ||
        between(c, 0xF900, 0xFAFF) || between(c, 0xFF01, 0xFF60) || between(c, 0xFFE0, 0xFFE6) ||
        between(c, 0x1F300, 0x1FAFF) || between(c, 0x20000, 0x3FFFD) || c == 0x231A)
        return 2;
    return 1;
}

static void fatal(const char *what)
{
    perror(what);
    abort();
}

static void add_row(struct screen *screen)
{
    if (screen->count == ROWS_KEPT) {
        screen->last_row = NULL;
        free(screen->rows[0]);
        memmove(screen->rows, screen->rows + 1, (ROWS_KEPT - 1) * sizeof(*screen->rows));
        screen->count--;
        screen->top--;
    }
    screen->rows[screen->count] = calloc(1, sizeof(**screen->rows));
    if (screen->rows[screen->count++] == NULL)
        fatal("screen");
}

static void free_rows(struct row **rows, int count)
{
    for (int i = 0; i < count; i++)
        free(rows[i]);
    free(rows);
}

static void new_rows(struct screen *screen)
{
    screen->rows = calloc(ROWS_KEPT, sizeof(*screen->rows));
    if (screen->rows == NULL)
        fatal("screen");
    screen->count = 0;
    screen->top = 0;
}

struct screen *screen_new(int columns, int rows, enum screen_kind kind)
{
    struct screen *screen = calloc(1, sizeof(*screen));

    if (screen == NULL)
        fatal("screen");
    new_rows(screen);
    screen->columns = columns;
    screen->height = rows;
    screen->kind = kind;
    screen->width = usual_width;
    while (screen->count < rows)
        add_row(screen);
    return screen;
}

void screen_free(struct screen *screen)
{
    free_rows(screen->rows, screen->count);
    free(screen->all_text);
    free(screen);
}

void screen_set_width(struct screen *screen, screen_width *width)
{
    screen->width = width;
}

static struct row *row_at(const struct screen *screen, int y)
{
    return screen->rows[screen->top + y];
}

/* ---- Characters ---- */

static void line_feed(struct screen *screen)
{
    screen->wrap_pending = false;
    if (screen->y < screen->height - 1) {
        screen->y++;
        return;
    }
    add_row(screen);
    screen->top = screen->count - screen->height;
}

/* Takes a character off the screen, both columns of it. */
static void clear_cell(struct row *row, int x, int columns)
{
    if (row->cells[x].width == 0 && row->cells[x].text[0] == '\0' && x > 0 &&
        row->cells[x - 1].width == 2)
        memset(&row->cells[x - 1], 0, sizeof(row->cells[0]));
    if (row->cells[x].width == 2 && x + 1 < columns)
        memset(&row->cells[x + 1], 0, sizeof(row->cells[0]));
    memset(&row->cells[x], 0, sizeof(row->cells[0]));
}

static void put(struct screen *screen, const char *text, size_t length, int width)
{
    struct row *row;

    if (screen->wrap_pending || screen->x + width > screen->columns) {
        row_at(screen, screen->y)->wrapped = true;
        screen->wraps++;
        line_feed(screen);
        screen->x = 0;
    }
    row = row_at(screen, screen->y);
    for (int i = 0; i < width; i++)
        clear_cell(row, screen->x + i, screen->columns);
    memcpy(row->cells[screen->x].text, text, length);
    row->cells[screen->x].width = (unsigned char)width;
    screen->last_x = screen->x;
    screen->last_row = row;
    screen->x += width;
    if (row->used < screen->x)
        row->used = screen->x;
    if (screen->x >= screen->columns) {
        screen->x = screen->columns - 1;
        screen->wrap_pending = true;
    }
}

/* Adds a mark to a character. */
static void join(struct screen *screen, const char *text, size_t length)
{
    struct row *row = row_at(screen, screen->y);
    int x = screen->wrap_pending ? screen->x : screen->x - 1;
    size_t used;

    if (screen->kind == SCREEN_XTERM) {
        row = screen->last_row;
        x = screen->last_x;
    }
    if (row == NULL || x < 0)
        return;
    if (x > 0 && row->cells[x].width == 0 && row->cells[x - 1].width == 2)
        x--;
    if (row->cells[x].text[0] == '\0') {
        strcpy(row->cells[x].text, " ");
        row->cells[x].width = 1;
    }
    used = strlen(row->cells[x].text);
    if (used + length < CELL_BYTES)
        memcpy(row->cells[x].text + used, text, length + 1);
}

/* A presentation selector makes the symbol before it wide. */
static void widen(struct screen *screen)
{
    struct row *row = row_at(screen, screen->y);
    int x = screen->x - 1;

    if (screen->wrap_pending || x < 0 || row->cells[x].width != 1 ||
        screen->x + 1 > screen->columns - 1)
        return;
    clear_cell(row, screen->x, screen->columns);
    row->cells[x].width = 2;
    screen->x++;
}

static bool is_flag_letter(uint32_t code_point)
{
    return between(code_point, 0x1F1E6, 0x1F1FF);
}

static bool is_skin_tone(uint32_t code_point)
{
    return between(code_point, 0x1F3FB, 0x1F3FF);
}

/* Whether a terminal that joins pictographs joins this one to the last. */
static bool joins_last(struct screen *screen, uint32_t code_point)
{
    uint32_t last = screen->last_code_point;

    if (is_flag_letter(code_point) && is_flag_letter(last)) {
        screen->flag_complete = !screen->flag_complete;
        return screen->flag_complete;
    }
    screen->flag_complete = false;
    if (is_skin_tone(code_point))
        return between(last, 0x1F300, 0x1FAFF);
    return last == 0x200D && between(code_point, 0x2190, 0x1FAFF);
}

static void put_character(struct screen *screen, uint32_t code_point, const char *text,
                          size_t length)
{
    int width = screen->width(code_point);
    bool joined = screen->kind == SCREEN_TMUX && joins_last(screen, code_point);

    if (code_point < 0x20 || between(code_point, 0x7F, 0x9F)) {
        screen->errors++;
        return;
    }
    if (screen->kind == SCREEN_OLD && width == 2 && code_point >= 0x1F000 && code_point < 0x20000)
        width = 1;
    if (screen->kind == SCREEN_TMUX && is_flag_letter(code_point))
        width = 2;
    if (screen->kind == SCREEN_TMUX && code_point == 0xFE0F)
        width = 0;
    if (width == 0 || joined)
        join(screen, text, length);
    else
        put(screen, text, length, width);
    if (screen->kind == SCREEN_TMUX && code_point == 0xFE0F)
        widen(screen);
    screen->last_code_point = code_point;
}

/* ---- Control ---- */

static int clamp(int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}

static void move_cursor(struct screen *screen, int x, int y)
{
    screen->x = clamp(x, 0, screen->columns - 1);
    screen->y = clamp(y, 0, screen->height - 1);
    screen->wrap_pending = false;
    screen->last_code_point = 0;
}

static void erase_cells(struct screen *screen, int y, int from, int to)
{
    for (int x = from; x < to; x++)
        clear_cell(row_at(screen, y), x, screen->columns);
    if (to == screen->columns)
        row_at(screen, y)->wrapped = false;
    if (from == 0 && to == screen->columns)
        row_at(screen, y)->used = 0;
}

static void erase_line(struct screen *screen, int how)
{
    erase_cells(screen, screen->y, how == 0 ? screen->x : 0,
                how == 1 ? screen->x + 1 : screen->columns);
    screen->wrap_pending = false;
}

static void erase_display(struct screen *screen, int how)
{
    if (how == 2)
        for (int y = 0; y < screen->height; y++)
            erase_cells(screen, y, 0, screen->columns);
    if (how == 0) {
        erase_line(screen, 0);
        for (int y = screen->y + 1; y < screen->height; y++)
            erase_cells(screen, y, 0, screen->columns);
    }
    if (how != 0 && how != 2)
        screen->errors++;
}

static void set_mode(struct screen *screen, const char *parameters, bool on)
{
    if (strcmp(parameters, "?2004") == 0)
        screen->bracketed_paste = on;
}

static void interpret_sequence(struct screen *screen, const char *parameters, char final)
{
    char *rest;
    int first = (int)strtol(parameters, &rest, 10);
    int second = *rest == ';' ? (int)strtol(rest + 1, NULL, 10) : 0;
    int amount = first > 0 ? first : 1;

    switch (final) {
    case 'A':
        move_cursor(screen, screen->x, screen->y - amount);
        break;
    case 'B':
        move_cursor(screen, screen->x, screen->y + amount);
        break;
    case 'C':
        move_cursor(screen, screen->x + amount, screen->y);
        break;
    case 'D':
        move_cursor(screen, screen->x - amount, screen->y);
        break;
    case 'G':
        move_cursor(screen, amount - 1, screen->y);
        break;
    case 'H':
        move_cursor(screen, second > 0 ? second - 1 : 0, amount - 1);
        break;
    case 'J':
        erase_display(screen, first);
        break;
    case 'K':
        erase_line(screen, first);
        break;
    case 'm':
        break;
    case 'h':
        set_mode(screen, parameters, true);
        break;
    case 'l':
        set_mode(screen, parameters, false);
        break;
    case 'n': {
        size_t used = strlen(screen->reply);

        snprintf(screen->reply + used, sizeof(screen->reply) - used, "\033[%d;%dR", screen->y + 1,
                 screen->x + 1 + (screen->kind == SCREEN_TMUX && screen->wrap_pending));
        break;
    }
    default:
        screen->errors++;
        break;
    }
}

static void interpret_control(struct screen *screen, char byte)
{
    switch (byte) {
    case '\a':
        screen->bells++;
        break;
    case '\b':
        move_cursor(screen, screen->x - 1, screen->y);
        break;
    case '\n':
        line_feed(screen);
        break;
    case '\r':
        move_cursor(screen, 0, screen->y);
        break;
    case '\t':
        move_cursor(screen, (screen->x / 8 + 1) * 8, screen->y);
        break;
    default:
        screen->errors++;
        break;
    }
}

/* Adds a byte to an escape sequence, and interprets it when it is whole. */
static void add_to_sequence(struct screen *screen, char byte)
{
    size_t length = screen->sequence_length;

    if (length == sizeof(screen->sequence) - 1 || (length == 1 && byte != '[')) {
        screen->errors++;
        screen->sequence_length = 0;
        return;
    }
    screen->sequence[screen->sequence_length++] = byte;
    if (length < 2 || byte < 0x40)
        return;
    screen->sequence[screen->sequence_length - 1] = '\0';
    screen->sequence_length = 0;
    interpret_sequence(screen, screen->sequence + 2, byte);
}

/* Adds a byte to a character, and shows it when it is whole. */
static void add_to_character(struct screen *screen, unsigned char byte)
{
    unsigned char first;
    size_t needed;
    uint32_t code_point;

    screen->sequence[screen->sequence_length++] = (char)byte;
    first = (unsigned char)screen->sequence[0];
    needed = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if ((screen->sequence_length == 1 && (first & 0xC0) == 0x80) ||
        (screen->sequence_length > 1 && (byte & 0xC0) != 0x80)) {
        screen->errors++;
        screen->sequence_length = 0;
        return;
    }
    if (screen->sequence_length < needed)
        return;
    code_point = needed == 1 ? first : first & (0x7Fu >> needed);
    for (size_t i = 1; i < needed; i++)
        code_point = code_point << 6 | ((unsigned char)screen->sequence[i] & 0x3F);
    screen->sequence[needed] = '\0';
    screen->sequence_length = 0;
    put_character(screen, code_point, screen->sequence, needed);
}

void screen_write(struct screen *screen, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)bytes[i];

        if (byte == '\033') {
            screen->sequence[0] = '\033';
            screen->sequence_length = 1;
        } else if (byte < 0x20) {
            interpret_control(screen, (char)byte);
        } else if (screen->sequence_length > 0 && screen->sequence[0] == '\033') {
            add_to_sequence(screen, (char)byte);
        } else {
            add_to_character(screen, byte);
        }
    }
}

/* ---- Size ---- */

static int row_width(const struct row *row, int columns)
{
    while (columns > 0 && row->cells[columns - 1].text[0] == '\0' &&
           !(columns > 1 && row->cells[columns - 2].width == 2))
        columns--;
    return columns;
}

/* Cuts rows off, and keeps the cursor on the screen. */
static void cut_off(struct screen *screen, int columns)
{
    for (int i = 0; i < screen->count; i++)
        for (int x = columns; x < screen->columns; x++)
            clear_cell(screen->rows[i], x, screen->columns);
}

/*
 * Copies one row that may be too wide to as many new ones as it needs; follows the cursor if it is
 * in it. Behind the text the cursor stays there, and waits in the last column if that row is full.
 * tmux counts what was erased behind the text to it.
 */
static void break_row(struct screen *screen, const struct row *old, int columns, int cursor)
{
    int width = screen->kind == SCREEN_TMUX ? old->used : row_width(old, screen->columns);
    int x = 0;

    add_row(screen);
    for (int from = 0; from < width; from++) {
        int cell_width = old->cells[from].width == 2 ? 2 : 1;

        if (x + cell_width > columns) {
            screen->rows[screen->count - 1]->wrapped = true;
            add_row(screen);
            x = 0;
        }
        if (from == cursor) {
            screen->x = x;
            screen->y = screen->count - 1;
        }
        screen->rows[screen->count - 1]->cells[x++] = old->cells[from];
        screen->rows[screen->count - 1]->used = x;
    }
    if (cursor >= width) {
        screen->x = x < columns ? x : columns - 1;
        screen->y = screen->count - 1;
        screen->wrap_pending = x == columns;
    }
    screen->rows[screen->count - 1]->wrapped = old->wrapped;
}

/*
 * As break_row(), for SCREEN_KITTY. The cells are copied in pieces of `columns`. With the piece
 * that holds the cursor, the cursor gets its place in the new row, one column too far to the right.
 * From then on it is a column of the new row, and is nevertheless compared with those of the old
 * one.
 */
static void break_row_as_kitty(struct screen *screen, const struct row *old, int columns,
                               int cursor)
{
    int width = row_width(old, screen->columns);

    if (cursor >= width)
        cursor = width > 0 ? width - 1 : 0;
    add_row(screen);
    for (int from = 0; from < width; from += columns) {
        struct row *row;

        if (from > 0) {
            screen->rows[screen->count - 1]->wrapped = true;
            add_row(screen);
        }
        row = screen->rows[screen->count - 1];
        row->used = width - from < columns ? width - from : columns;
        memcpy(row->cells, old->cells + from, (size_t)row->used * sizeof(row->cells[0]));
        if (from <= cursor && cursor < from + columns) {
            cursor = cursor - from + (cursor > 0);
            screen->x = cursor;
            screen->y = screen->count - 1;
        }
    }
    screen->rows[screen->count - 1]->wrapped = old->wrapped;
}

static int smaller(int one, int other)
{
    return one < other ? one : other;
}

/*
 * Breaks rows that are too wide; leaves the cursor's row as an index of all rows. (A terminal would
 * also join what was broken; nothing here depends on that.) Returns how many rows too low
 * SCREEN_KITTY has the cursor on a screen of so many rows.
 */
static int reflow_rows(struct screen *screen, int columns, int height)
{
    struct row **old = screen->rows;
    int old_count = screen->count;
    int count = old_count;
    int cursor_row = screen->top + screen->y;
    int top = screen->top;
    int first = 0; /* the new row at the top, before the screen scrolls */
    int below;

    while (count > cursor_row + 1 && row_width(old[count - 1], screen->columns) == 0)
        count--;
    new_rows(screen);
    for (int i = 0; i < count; i++) {
        if (i == top)
            first = screen->count;
        (screen->kind == SCREEN_KITTY ? break_row_as_kitty : break_row)(
            screen, old[i], columns, i == cursor_row ? screen->x : -1);
    }
    free_rows(old, old_count);
    below = screen->count - 1 - screen->y;
    return smaller(screen->y - first, height - 1) - smaller(screen->y - first, height - 1 - below);
}

void screen_resize(struct screen *screen, int columns, int rows, bool reflow)
{
    int too_low = 0;

    screen->wrap_pending = false;
    screen->last_row = NULL;
    if (reflow) {
        too_low = reflow_rows(screen, columns, rows);
    } else {
        cut_off(screen, columns);
        screen->y += screen->top;
    }
    while (screen->count < rows)
        add_row(screen);
    screen->top = screen->count - rows;
    if (screen->y < screen->top)
        screen->top = screen->y;
    screen->y -= screen->top;
    while (screen->count < screen->top + rows)
        add_row(screen);
    while (screen->count > screen->top + rows)
        free(screen->rows[--screen->count]);
    screen->columns = columns;
    screen->height = rows;
    screen->x = clamp(screen->x, 0, columns - 1);
    if (screen->kind == SCREEN_KITTY)
        screen->y += too_low;
}

/* ---- What is there ---- */

static const char *text_of(struct screen *screen, const struct row *row)
{
    int width = row_width(row, screen->columns);
    char *end = screen->row_text;

    for (int x = 0; x < width; x++) {
        const struct cell *cell = &row->cells[x];
        bool second_half = cell->width == 0 && x > 0 && row->cells[x - 1].width == 2;

        if (!second_half)
            end += sprintf(end, "%s", cell->text[0] != '\0' ? cell->text : " ");
    }
    while (end > screen->row_text && end[-1] == ' ')
        end--;
    *end = '\0';
    return screen->row_text;
}

const char *screen_row(struct screen *screen, int row)
{
    return text_of(screen, row_at(screen, row));
}

const char *screen_text(struct screen *screen)
{
    size_t used = 0;
    int count = screen->count;

    while (count > 0 && text_of(screen, screen->rows[count - 1])[0] == '\0')
        count--;
    screen->all_text = realloc(screen->all_text, (size_t)(count + 1) * (COLUMNS_MAX * CELL_BYTES));
    if (screen->all_text == NULL)
        fatal("screen");
    screen->all_text[0] = '\0';
    for (int i = 0; i < count; i++)
        used += (size_t)sprintf(screen->all_text + used, "%s\n", text_of(screen, screen->rows[i]));
    return screen->all_text;
}

int screen_cursor_row(const struct screen *screen)
{
    return screen->y;
}

int screen_cursor_column(const struct screen *screen)
{
    return screen->x;
}

const char *screen_under_cursor(const struct screen *screen)
{
    return row_at(screen, screen->y)->cells[screen->x].text;
}

int screen_wraps(const struct screen *screen)
{
    return screen->wraps;
}

int screen_bells(const struct screen *screen)
{
    return screen->bells;
}

bool screen_bracketed_paste(const struct screen *screen)
{
    return screen->bracketed_paste;
}

int screen_errors(const struct screen *screen)
{
    return screen->errors;
}

const char *screen_reply(struct screen *screen)
{
    memcpy(screen->reply_given, screen->reply, sizeof(screen->reply));
    screen->reply[0] = '\0';
    return screen->reply_given;
}
