/* json_string: writes standard input as one line of JSON, {"text":"..."}, as the server would. */
#include "base/platform.h"

#include "base/json.h"

#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    struct buffer text = {0};
    struct buffer line = {0};
    char bytes[4096];
    size_t length;
    while ((length = fread(bytes, 1, sizeof bytes, stdin)) > 0)
        if (!buffer_append(&text, bytes, length))
            return EXIT_FAILURE;
    if (!json_begin_line(&line) ||
        !json_string(&line, "text", buffer_bytes(&text), buffer_length(&text)) ||
        !json_end_line(&line))
        return EXIT_FAILURE;
    length = fwrite(buffer_bytes(&line), 1, buffer_length(&line), stdout);
    bool whole = length == buffer_length(&line) && fflush(stdout) == 0;
    buffer_free(&text);
    buffer_free(&line);
    return whole ? EXIT_SUCCESS : EXIT_FAILURE;
}
