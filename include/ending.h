/* ending: what ends the program when what is to be ended before it does not end. */
#ifndef ENDING_H
#define ENDING_H

#include <stdint.h>

/*
 * From now on a thread ends the process with EXIT_FAILURE at `deadline` (clock_now();
 * CLOCK_NEVER: not before), or when more than `stops` requests to stop have come. Without a thread
 * to be had for that, it ends at once if there is a deadline.
 */
void ending_begin(int64_t deadline, int stops);

#endif
