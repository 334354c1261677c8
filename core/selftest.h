/* selftest.h - `otoscope test PATH...`: runs the tests that lie beside scripts and dissectors (NAME.test.lua) inside the real engine.
 *
 * Tests are written with describe, it and assert (lua/test.lua); replay{...} runs captures or made packets through an engine of its own and
 * gives back what came out of it.
 */
#ifndef OTO_SELFTEST_H
#define OTO_SELFTEST_H

/* Prints failures with file and line, then "N passed, N failed, N skipped". 0: all passed, 1: a test failed, 2: nothing to run or wrong
 * use. */
int oto_selftest(int argc, char **argv, const char *library);

#endif
