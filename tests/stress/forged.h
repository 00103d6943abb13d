/*
 * forged: checks the checker: each of some forged violations of a town's rules must be found, and
 * none where there is none.
 */
#ifndef STRESS_FORGED_H
#define STRESS_FORGED_H

/* Returns how many were not found, and says which; -1 when memory is out. */
int forged_check(void);

#endif
