#include "base/platform.h"

#include "base/text.h"
#include "doors/plain/input.h"

struct input input_read(const char *line, size_t length)
{
    struct input input = {.text = line, .length = length};
    text_strip(&input.text, &input.length);
    bool slash = input.length > 0 && input.text[0] == '/';
    bool escaped = slash && input.length > 1 && input.text[1] == '/';
    input.is_command = slash && !escaped;
    if (escaped) {
        input.text++;
        input.length--;
    }
    return input;
}
