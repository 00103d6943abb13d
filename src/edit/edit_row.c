#include "base/platform.h"

#include "edit/edit_row.h"

#include "edit/character.h"
#include "edit/grapheme.h"
#include "edit/wrap.h"
#include "base/utf8.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ERASE_TO_END_OF_LINE   "\033[K"
#define ERASE_TO_END_OF_SCREEN "\033[J"
#define CLEAR_SCREEN           "\033[H\033[2J"
#define REQUEST_CURSOR         "\033[6n"

/* Replaces a prompt that leaves too few columns for the line. */
#define SHORT_PROMPT "> "

enum {
    COLUMNS_MAX = 1024,     /* no screen is wider, and the cost of a row must be bounded */
    COLUMN_BYTES_MAX = 16,  /* per column on average: enough for all scripts */
    LINE_COLUMNS_MIN = 10,  /* a prompt that leaves fewer columns is not shown */
    MARKED_COLUMNS_MIN = 4, /* in fewer columns the marks < and > are not shown */
    BACKSPACES_MAX = 3      /* for up to this many columns BS is shorter than CUB */
};

/* What the row should look like. */
struct layout {
    const char *text; /* the line's */
    const char *prompt;
    size_t prompt_length;
    bool more_left, more_right; /* whether the marks are shown */
    size_t window, window_end;  /* the part of the line that is shown */
    size_t cursor;              /* offset in the line */
    size_t cursor_column;
    size_t width_columns;
    bool doubtful;
};

void edit_row_init(struct edit_row *row)
{
    memset(row, 0, sizeof(*row));
    row->columns = EDIT_ROW_DEFAULT_COLUMNS;
}

void edit_row_destroy(struct edit_row *row)
{
    free(row->prompt);
    free(row->label);
    row->prompt = NULL;
    row->label = NULL;
    buffer_free(&row->shown);
}

int edit_row_set_prompt(struct edit_row *row, const char *prompt, size_t length)
{
    char *copy = NULL;

    if (length == row->prompt_length && (length == 0 || memcmp(prompt, row->prompt, length) == 0))
        return 0;
    if (length > 0) {
        copy = malloc(length);
        if (copy == NULL) {
            errno = ENOMEM; /* C11 does not guarantee it */
            return -1;
        }
        memcpy(copy, prompt, length);
    }
    free(row->prompt);
    row->prompt = copy;
    row->prompt_length = length;
    row->prompt_extent = extent_of(prompt, length);
    row->outdated = true;
    return 0;
}

void edit_row_set_label(struct edit_row *row, const char *label, size_t length)
{
    char *copy = label != NULL ? malloc(length) : NULL;

    if (copy == NULL && row->label == NULL)
        return;
    if (copy != NULL)
        memcpy(copy, label, length);
    free(row->label);
    row->label = copy;
    row->label_length = length;
    row->label_extent = extent_of(label, copy != NULL ? length : 0);
    row->outdated = true;
}

void edit_row_set_ascii(struct edit_row *row, bool ascii)
{
    row->outdated |= ascii != row->ascii;
    row->ascii = ascii;
}

/* ---- Layout: which part of the line is shown, and where the cursor is. ---- */

/*
 * How many bytes may be shown in so many columns. The bound is for combining marks, which take no
 * columns: a row could hold a whole line of them.
 */
static size_t bytes_in(size_t columns)
{
    return GRAPHEME_CHARACTERS_MAX * UTF8_BYTES_MAX + columns * COLUMN_BYTES_MAX;
}

/* The fast path: whether text begins with a printable ASCII character that nothing joins. */
static bool is_plain(const char *text, size_t length)
{
    return text[0] >= 0x20 && text[0] < 0x7F && (length == 1 || (unsigned char)text[1] < 0x80);
}

/* The end of the text that begins at start and takes at most so many columns. */
static size_t fit(const struct edit_line *line, size_t start, size_t columns)
{
    size_t end = start;
    size_t used = 0;

    while (end < line->length) {
        bool plain = is_plain(line->text + end, line->length - end);
        size_t next = plain ? end + 1 : grapheme_next(line->text, line->length, end);

        used += plain ? 1 : extent_of(line->text + end, next - end).columns;
        if (used > columns || next - start > bytes_in(columns))
            break;
        end = next;
    }
    return end;
}

/* Lays out the line from window on, in so many columns. */
static void look_at(struct layout *layout, const struct edit_line *line, size_t window,
                    size_t columns)
{
    bool marks = columns >= MARKED_COLUMNS_MIN;

    layout->window = window;
    layout->more_left = marks && window > 0;
    columns -= layout->more_left;
    layout->window_end = fit(line, window, columns);
    layout->more_right = marks && layout->window_end < line->length;
    if (layout->more_right)
        layout->window_end = fit(line, window, columns - 1);
}

/*
 * Whether the cursor, which is not before the window, is in it with the whole grapheme at the
 * cursor.
 */
static bool in_view(const struct layout *layout, const struct edit_line *line)
{
    return line->cursor < layout->window_end || layout->window_end == line->length;
}

/* The first offset from which at most so many columns are before the cursor. */
static size_t start_before_cursor(const struct edit_line *line, size_t columns)
{
    size_t start = line->cursor;
    size_t used = 0;

    while (start > 0) {
        size_t previous = grapheme_previous(line->text, line->length, start);

        used += extent_of(line->text + previous, start - previous).columns;
        if (used > columns || line->cursor - previous > bytes_in(columns))
            break;
        start = previous;
    }
    return start;
}

/*
 * Chooses the part of the line to show. It stays the same while the cursor is in it. Otherwise it
 * moves so far that the cursor can go some way in either direction before the next move, farther in
 * the direction that it took.
 */
static void choose_window(struct layout *layout, const struct edit_row *row,
                          const struct edit_line *line, size_t columns)
{
    bool kept = row->window <= line->cursor && row->window < line->changed_from;

    look_at(layout, line, 0, columns);
    if (layout->window_end == line->length)
        return;
    if (kept)
        look_at(layout, line, row->window, columns);
    if (!in_view(layout, line)) {
        size_t before = line->cursor < row->window ? columns / 3 : columns - columns / 3;

        look_at(layout, line, start_before_cursor(line, before), columns);
    }
    if (!in_view(layout, line)) /* a grapheme that is wider than the window */
        look_at(layout, line, line->cursor, columns);
}

static void choose_prompt(struct layout *layout, const struct edit_row *row, struct extent *extent)
{
    bool labelled = row->label != NULL;

    layout->prompt = labelled ? row->label : row->prompt;
    layout->prompt_length = labelled ? row->label_length : row->prompt_length;
    *extent = labelled ? row->label_extent : row->prompt_extent;
    if (extent->columns + LINE_COLUMNS_MIN < row->columns)
        return;
    layout->prompt = SHORT_PROMPT;
    layout->prompt_length = strlen(SHORT_PROMPT);
    *extent = extent_of(SHORT_PROMPT, strlen(SHORT_PROMPT));
    if (extent->columns + LINE_COLUMNS_MIN < row->columns)
        return;
    layout->prompt_length = 0;
    extent->columns = 0;
}

/* Whether text begins with a mark, which joins whatever is drawn before it. */
static bool begins_with_mark(const char *text, size_t length)
{
    uint32_t code_point;

    return utf8_decode(text, length, &code_point) > 0 && character_shape(code_point).extends;
}

static struct layout lay_out(const struct edit_row *row, const struct edit_line *line)
{
    struct layout layout;
    struct extent prompt, before, after;
    size_t split; /* the cursor, if visible: the text is measured before and after it */

    choose_prompt(&layout, row, &prompt);
    choose_window(&layout, row, line, row->columns - 1 - prompt.columns);
    layout.text = edit_line_text(line);
    split = line->cursor < layout.window_end ? line->cursor : layout.window_end;
    before = extent_of(layout.text + layout.window, split - layout.window);
    after = extent_of(layout.text + split, layout.window_end - split);
    layout.cursor = split;
    layout.cursor_column = prompt.columns + layout.more_left + before.columns;
    layout.width_columns = layout.cursor_column + after.columns + layout.more_right;
    layout.doubtful =
        prompt.doubtful || before.doubtful || after.doubtful ||
        begins_with_mark(layout.text + layout.window, layout.window_end - layout.window);
    return layout;
}

/* ---- Drawing ---- */

/* Writes whole characters to a terminal of nothing but ASCII, in as many columns as they take. */
static void write_ascii(void *context, const char *bytes, size_t length)
{
    const struct sink *sink = context;

    for (size_t i = 0; i < length;) {
        size_t start = i;
        uint32_t code_point;

        while (i < length && (unsigned char)bytes[i] < 0x80)
            i++;
        sink_write(sink, bytes + start, i - start);
        if (i == length)
            break;
        start = i;
        i += utf8_decode(bytes + i, length - i, &code_point);
        if (i == start)
            i++; /* invalid: one column */
        sink_write(sink, "??", extent_of(bytes + start, i - start).columns);
    }
}

/* Where the row is written, which may have to pass `ascii`. */
static struct sink passing(const struct edit_row *row, struct sink *terminal)
{
    return row->ascii ? (struct sink){write_ascii, terminal} : *terminal;
}

static void write_motion(const struct sink *sink, size_t count, char direction)
{
    char sequence[32];

    if (count == 1)
        snprintf(sequence, sizeof(sequence), "\033[%c", direction);
    else
        snprintf(sequence, sizeof(sequence), "\033[%zu%c", count, direction);
    sink_text(sink, sequence);
}

static void move_to(struct edit_row *row, size_t column, const struct sink *sink)
{
    size_t from = row->cursor_column;

    if (column == from)
        return;
    if (column == 0)
        sink_text(sink, "\r");
    else if (column > from)
        write_motion(sink, column - from, 'C');
    else if (from - column <= BACKSPACES_MAX)
        sink_write(sink, "\b\b\b", from - column);
    else
        write_motion(sink, from - column, 'D');
    row->cursor_column = column;
}

/* Writes the row from its start to an offset in the line. */
static void write_head(const struct layout *layout, size_t end, const struct sink *sink)
{
    sink_write(sink, layout->prompt, layout->prompt_length);
    if (layout->more_left)
        sink_text(sink, "<");
    sink_write(sink, layout->text + layout->window, end - layout->window);
}

/* Writes the rest of the row from an offset in the line. */
static void write_tail(const struct layout *layout, size_t start, const struct sink *sink)
{
    sink_write(sink, layout->text + start, layout->window_end - start);
    if (layout->more_right)
        sink_text(sink, ">");
}

/* ---- A change of width: how far above the cursor the row begins. ---- */

/*
 * kitty before 0.40 puts the cursor one column too far to the right, and where a row becomes full
 * by that, two.
 */
enum { SHIFT_MAX = 2 };

/*
 * The cursor's place on a terminal that breaks rows, as far as it is known: the number of cells
 * before it, including those that stay empty where a wide character does not fit into a row. The
 * end of a full row and the start of the next one are the same place.
 */
struct places {
    size_t least, most;
};

/* The most cells before the character under the cursor. */
static size_t find_place(const struct edit_row *row)
{
    struct extent_place place;

    if (buffer_length(&row->shown) == 0)
        return row->cursor_column;
    place = extent_place(buffer_bytes(&row->shown), buffer_length(&row->shown), row->shown_cursor,
                         row->columns, false);
    return place.rows * row->columns + place.column;
}

/*
 * The least cells that so many bytes of the row take, on a terminal that, like kitty, cuts wide
 * characters into halves at the end of a row.
 */
static size_t least_cells(const struct edit_row *row, size_t length)
{
    return extent_place(buffer_bytes(&row->shown), length, length, SIZE_MAX, true).column;
}

static struct places find_places(const struct edit_row *row)
{
    size_t least = row->doubtful ? 0 : row->cursor_column;

    if (buffer_length(&row->shown) > 0)
        least = least_cells(row, row->shown_cursor);
    return (struct places){least, find_place(row) + SHIFT_MAX};
}

/* How many rows are above a place. At the end of a full row the next one does not count as begun.
 */
static size_t rows_above(const struct edit_row *row, size_t place)
{
    return place > 0 ? (place - 1) / row->columns : 0;
}

/* At least how many rows of the broken row are below the cursor's, if so many are above that. */
static size_t rows_below(const struct edit_row *row, size_t rows_up)
{
    size_t rows = rows_above(row, least_cells(row, buffer_length(&row->shown)));

    return rows > rows_up ? rows - rows_up : 0;
}

static bool is_among(struct places places, size_t place)
{
    return places.least <= place && place <= places.most;
}

/*
 * Whether a cursor at one of the places may be reported in that row and column. At the end of a
 * full row some terminals report the last column.
 */
static bool may_be(const struct edit_row *row, struct places places, size_t rows, size_t column)
{
    size_t place = rows * row->columns + column;

    return is_among(places, place) || (column == row->columns - 1 && is_among(places, place + 1));
}

/*
 * Finds out from the column that the terminal reported, from 0, how many rows are above the cursor,
 * and whether the terminal breaks rows. A terminal that cuts rows off reports the last column, so
 * this column does not decide; as long as nothing else has decided, no rows are assumed, since
 * remains of the row do less harm than the loss of a message.
 */
static size_t learn(struct edit_row *row, size_t column)
{
    struct places places = find_places(row);
    size_t least = rows_above(row, places.least);
    size_t rows = places.most / row->columns;
    bool last = column >= row->columns - 1;
    bool found;

    if (last)
        column = row->columns - 1;
    while (rows > least && !may_be(row, places, rows, column))
        rows--;
    found = may_be(row, places, rows, column);
    if (row->habit == EDIT_ROW_UNKNOWN && last && !found)
        row->habit = EDIT_ROW_CUTS;
    if (row->habit == EDIT_ROW_UNKNOWN && !last && found && rows > 0)
        row->habit = EDIT_ROW_BREAKS;
    return row->habit == EDIT_ROW_BREAKS ? rows : 0;
}

/*
 * How many rows too low the cursor is. kitty before 0.40 does not move it when the further rows of
 * the broken row scroll the screen. All of these are on the screen, unless its size has changed
 * twice: tmux takes rows below the cursor away when the height shrinks.
 */
static size_t rows_misplaced(const struct edit_row *row, unsigned screen_row)
{
    size_t last = screen_row + rows_below(row, row->rows_up);

    if (row->habit != EDIT_ROW_BREAKS || row->resized_again || row->screen_rows == 0)
        return 0;
    return last > row->screen_rows ? last - row->screen_rows : 0;
}

bool edit_row_ask(struct edit_row *row, const struct sink *sink)
{
    bool whole = row->width_columns < row->columns && find_places(row).most < row->columns;

    if (!row->resized || row->asking || row->habit == EDIT_ROW_CUTS || row->unanswered > 0)
        return false;
    if (whole)
        return false;
    row->asking = true;
    row->located = false;
    sink_text(sink, REQUEST_CURSOR);
    return true;
}

void edit_row_locate(struct edit_row *row, unsigned screen_row, unsigned column)
{
    if (row->unanswered > 0) {
        row->unanswered--;
        return;
    }
    if (!row->asking || screen_row == 0 || column == 0)
        return;
    row->asking = false;
    row->located = true;
    row->rows_up = learn(row, column - 1);
    row->rows_up += rows_misplaced(row, screen_row);
    if (row->rows_up >= screen_row)
        row->rows_up = screen_row - 1;
}

/* Gives up a request, whose answer will be ignored. */
static void stop_asking(struct edit_row *row)
{
    row->unanswered += row->asking;
    row->asking = false;
    row->located = false;
}

/* How many rows above the cursor's the row begins. */
static size_t find_rows_up(const struct edit_row *row)
{
    if (!row->resized)
        return 0;
    if (row->located)
        return row->rows_up;
    return row->habit == EDIT_ROW_BREAKS ? rows_above(row, find_place(row)) : 0;
}

static void forget_shown(struct edit_row *row)
{
    buffer_free(&row->shown);
    row->shown_cursor = 0;
}

/* Forgets what was known for a change of width. */
static void settle(struct edit_row *row)
{
    stop_asking(row);
    forget_shown(row);
    row->resized = false;
    row->resized_again = false;
    row->cursor_column = 0;
}

/* Moves to the row's start. Returns whether remains of it may be below. */
static bool go_to_start(struct edit_row *row, const struct sink *sink)
{
    bool broken = row->resized;
    size_t rows_up = find_rows_up(row);

    if (rows_up > 0)
        write_motion(sink, rows_up, 'A');
    sink_text(sink, "\r");
    settle(row);
    return broken;
}

/*
 * Records that the row is not on the screen, and that the cursor is at the start of an empty one.
 */
static void forget(struct edit_row *row)
{
    settle(row);
    row->drawn = false;
    row->width_columns = 0;
}

/*
 * Places the cursor when its column is not known, by writing the text before it again. Marks
 * without a base behind the cursor have joined the text before it, so they are written with it, or
 * they would be lost.
 */
static void write_up_to_cursor(const struct layout *layout, const struct sink *sink)
{
    size_t end = layout->cursor;

    while (end < layout->window_end) {
        uint32_t code_point = 0;
        size_t length = utf8_decode(layout->text + end, layout->window_end - end, &code_point);
        struct character_shape shape = character_shape(code_point);

        if (!shape.extends || shape.columns > 0)
            break;
        end += length;
    }
    sink_text(sink, "\r");
    write_head(layout, end, sink);
}

/*
 * Writes the whole row over the old one. That is erased first if it was longer, since tmux goes on
 * counting to a row what is erased behind its text, and breaks it by that. Otherwise it is erased
 * last, to avoid flicker.
 */
static void draw_whole(struct edit_row *row, const struct layout *layout, const struct sink *sink)
{
    bool broken = false;
    bool shorter = row->drawn && layout->width_columns < row->width_columns;

    if (row->drawn)
        broken = go_to_start(row, sink);
    if (broken || shorter)
        sink_text(sink, ERASE_TO_END_OF_LINE);
    write_head(layout, layout->cursor, sink);
    write_tail(layout, layout->cursor, sink);
    if (broken)
        sink_text(sink, ERASE_TO_END_OF_SCREEN);
    else if (row->drawn && !shorter && (row->doubtful || layout->doubtful))
        sink_text(sink, ERASE_TO_END_OF_LINE);

    row->cursor_column = layout->width_columns;
    if (!layout->doubtful)
        move_to(row, layout->cursor_column, sink);
    else if (layout->cursor < layout->window_end || layout->more_right)
        write_up_to_cursor(layout, sink);
}

/* Writes what has changed in a row whose columns are known. */
static void draw_difference(struct edit_row *row, const struct layout *layout, size_t changed_from,
                            const struct sink *sink)
{
    size_t start = changed_from;

    if (start > row->window_end)
        start = row->window_end;
    if (start > layout->window_end)
        start = layout->window_end;
    while (start > layout->window && !grapheme_boundary(layout->text, layout->window_end, start))
        start = utf8_previous(layout->text, start);
    if (start < layout->window)
        start = layout->window;
    move_to(row,
            layout->width_columns - layout->more_right -
                extent_of(layout->text + start, layout->window_end - start).columns,
            sink);
    write_tail(layout, start, sink);
    row->cursor_column = layout->width_columns;
    if (layout->width_columns < row->width_columns)
        sink_text(sink, ERASE_TO_END_OF_LINE);
}

void edit_row_draw(struct edit_row *row, struct edit_line *line, const struct sink *sink)
{
    struct sink terminal = *sink;
    struct sink drawn = passing(row, &terminal);
    struct layout layout = lay_out(row, line);
    bool changed =
        line->changed_from != EDIT_LINE_UNCHANGED || layout.window_end != row->window_end;

    if (!row->drawn || row->outdated || row->resized || layout.window != row->window) {
        draw_whole(row, &layout, &drawn);
    } else if (row->doubtful || layout.doubtful) {
        if (changed || layout.cursor_column != row->cursor_column)
            draw_whole(row, &layout, &drawn);
    } else {
        if (changed)
            draw_difference(row, &layout, line->changed_from, &drawn);
        move_to(row, layout.cursor_column, &drawn);
    }
    row->drawn = true;
    row->outdated = false;
    row->doubtful = layout.doubtful;
    row->window = layout.window;
    row->window_end = layout.window_end;
    row->width_columns = layout.width_columns;
    row->cursor_column = layout.cursor_column;
    edit_line_settle(line);
}

/*
 * Clears the row, before something else is written there, for two reasons: a TAB skips columns and
 * does not overwrite them; and tmux breaks a row by the columns that were ever used, so a part that
 * is erased behind a text becomes an empty row when the screen becomes narrower. Returns whether
 * remains of the row may be below. The caller erases them after the next line end: at the top of
 * the screen, tmux would move them to its history.
 */
static bool clear_row(struct edit_row *row, const struct sink *sink)
{
    bool broken = row->drawn && go_to_start(row, sink);

    if (row->drawn)
        sink_text(sink, ERASE_TO_END_OF_LINE);
    forget(row);
    return broken;
}

/* Rows on their way to a sink; with `broken`, what is below the first of them is erased. */
struct passage {
    const struct sink *sink;
    bool broken;
};

static void pass(void *context, const char *bytes, size_t length)
{
    struct passage *passage = context;
    const char *end = passage->broken ? memchr(bytes, '\n', length) : NULL;

    if (end != NULL) {
        size_t first = (size_t)(end + 1 - bytes);
        sink_write(passage->sink, bytes, first);
        sink_text(passage->sink, ERASE_TO_END_OF_SCREEN);
        passage->broken = false;
        bytes += first;
        length -= first;
    }
    if (length > 0)
        sink_write(passage->sink, bytes, length);
}

void edit_row_print(struct edit_row *row, const char *text, size_t length, const struct sink *sink)
{
    struct passage passage = {sink, clear_row(row, sink)};

    wrap_write_lines(text, length, row->columns, &(struct sink){pass, &passage});
}

void edit_row_print_rows(struct edit_row *row, const char *rows, size_t length,
                         const struct sink *sink)
{
    struct passage passage = {sink, clear_row(row, sink)};

    pass(&passage, rows, length);
}

void edit_row_erase(struct edit_row *row, const struct sink *sink)
{
    if (!row->drawn)
        return;
    sink_text(sink, go_to_start(row, sink) ? ERASE_TO_END_OF_SCREEN : ERASE_TO_END_OF_LINE);
    forget(row);
}

void edit_row_clear_screen(struct edit_row *row, const struct sink *sink)
{
    sink_text(sink, CLEAR_SCREEN);
    forget(row);
}

/* ---- The terminal ---- */

/* Collects bytes in a buffer and remembers whether memory was out. */
struct copy {
    struct buffer *to;
    bool whole;
};

static void collect(void *context, const char *bytes, size_t length)
{
    struct copy *copy = context;

    copy->whole = copy->whole && buffer_append(copy->to, bytes, length);
}

/* Keeps what was drawn, unless it has changed since. */
static void keep_shown(struct edit_row *row, const struct edit_line *line)
{
    struct layout layout = lay_out(row, line);
    struct copy copy = {&row->shown, true};
    struct sink whole = {collect, &copy};
    struct sink sink = passing(row, &whole);

    if (row->outdated || line->changed_from != EDIT_LINE_UNCHANGED ||
        layout.window != row->window || layout.cursor_column != row->cursor_column)
        return;
    write_head(&layout, layout.cursor, &sink);
    row->shown_cursor = buffer_length(&row->shown);
    write_tail(&layout, layout.cursor, &sink);
    if (!copy.whole)
        forget_shown(row);
}

bool edit_row_resize(struct edit_row *row, const struct edit_line *line, unsigned columns,
                     unsigned screen_rows)
{
    bool other_width;

    if (columns == 0)
        columns = EDIT_ROW_DEFAULT_COLUMNS;
    if (columns > COLUMNS_MAX)
        columns = COLUMNS_MAX;
    if (columns == row->columns && screen_rows == row->screen_rows)
        return false;
    other_width = columns != row->columns;
    row->resized_again = row->resized;
    if (other_width) {
        stop_asking(row);
        if (row->drawn && !row->resized)
            keep_shown(row, line);
        row->resized = row->drawn;
    } else if (row->screen_rows != 0) {
        row->outdated = true;
    }
    row->columns = columns;
    row->screen_rows = screen_rows;
    return other_width;
}
