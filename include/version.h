/* version: the version of the program. */
#ifndef VERSION_H
#define VERSION_H

#define VERSION_STRING "0.1.0"

#endif
