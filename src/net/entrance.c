#include "base/platform.h"

#include "net/door.h"
#include "net/entrance.h"

#include <stdio.h>

const char *entrance_name(const struct entrance *entrance, char name[ENTRANCE_NAME_SIZE])
{
    snprintf(name, ENTRANCE_NAME_SIZE, "%s%s%s", entrance->door->name, entrance->tls ? "+tls" : "",
             entrance->proxy ? "+proxy" : "");
    return name;
}
